"""Pictures of products: the catalogue managers upload, change and remove them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from dishka import FromDishka
from litestar import Request, delete, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, JSONBody

from application.catalog.images import ALT_LENGTH, AddImage, AltText, ChangeImage, ImageChanges, RemoveImage, Upload
from application.catalog.views import ImageView
from domain.accounts import Actor
from domain.errors import InvalidField
from entrypoints.http.catalog.reading import TAGS
from entrypoints.http.catalog.writing import MANAGERS
from entrypoints.http.forms import BESIDE_FILE, Form
from entrypoints.http.problems import BadRequest, wrong_field

LARGEST = 5 << 20  # bytes of the file
LIMITS = {"image": LARGEST, "alt_text": 4 * ALT_LENGTH, "is_primary": 5}
SWITCHES = {"": False, "true": True, "false": False}
FORM = Schema(
    type=OpenAPIType.OBJECT,
    properties={
        "image": Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description="JPEG, PNG, WebP or GIF."),
        "alt_text": Schema(type=OpenAPIType.STRING, max_length=ALT_LENGTH),
        "is_primary": Schema(type=OpenAPIType.BOOLEAN, default=False),
    },
    required=["image"],
    additional_properties=False,
)


class Told(msgspec.Struct):
    """What the form says in words."""

    alt_text: AltText


@dataclass
class TakesImage(Operation):
    """Says what the body is, which the handler reads by itself."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody({"multipart/form-data": OpenAPIMediaType(FORM)}, required=True)


async def upload_of(request: Request[Any, Any, Any]) -> Upload:
    form = await Form("image", LIMITS).read(request)
    image = form.given("image")
    if (switch := SWITCHES.get(form.text("is_primary").lower())) is None:
        raise InvalidField("/is_primary", "invalid-choice", "must be true or false")
    try:
        told = msgspec.convert({"alt_text": form.text("alt_text")}, Told)
    except msgspec.ValidationError as error:
        raise BadRequest(422, "validation-error", wrong_field(error)) from error
    return Upload(data=bytes(image.data), claimed=image.claimed, alt_text=told.alt_text, is_primary=switch)


@post(
    "/api/products/products/{ref:str}/images",
    access=MANAGERS,
    leased=True,
    tags=TAGS,
    summary="Add an image to a product",
    operation_class=TakesImage,
    request_max_body_size=LARGEST + BESIDE_FILE,
)
async def add_image(
    ref: FromPath[str], who: NamedDependency[Actor], upload: NamedDependency[Upload], add: FromDishka[AddImage]
) -> ImageView:
    """JPEG, PNG, WebP or GIF (of an animation the first frame) of at most 5 MB and 25 megapixels. It is turned upright,
    brought to sRGB and encoded anew, without any metadata. Its thumbnails follow; until then it stands for them."""
    return await add(who, ref, upload)


@patch("/api/products/products/{ref:str}/images/{id:uuid}", access=MANAGERS, tags=TAGS, summary="Change an image")
async def change_image(
    ref: FromPath[str],
    id: FromPath[UUID],
    data: JSONBody[ImageChanges],
    who: NamedDependency[Actor],
    change: FromDishka[ChangeImage],
) -> ImageView:
    """Exactly one image is primary: one that no longer is hands over to the first of the others."""
    return await change(who, ref, id, data)


@delete("/api/products/products/{ref:str}/images/{id:uuid}", access=MANAGERS, tags=TAGS, summary="Remove an image")
async def remove_image(
    ref: FromPath[str], id: FromPath[UUID], who: NamedDependency[Actor], remove: FromDishka[RemoveImage]
) -> None:
    """Its files follow a little later."""
    await remove(who, ref, id)


routes: list[HTTPRouteHandler] = [add_image, change_image, remove_image]
