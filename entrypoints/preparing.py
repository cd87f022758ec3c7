"""What must be there before a shop opens: the schema, an admin, and on a first start the sample."""

from dishka import AsyncContainer

from application.accounts.registering import CreateAdmin
from application.catalog.views import CatalogViews
from application.catalog.wishes import ProductFilter
from application.ports import PageRequest, Store
from application.sample.load import LoadSample
from domain.accounts import normal_email
from entrypoints.container import make_container, migrate_up
from entrypoints.progress import progress_bar
from entrypoints.settings import Settings


async def prepare(settings: Settings) -> None:
    """Safe to repeat: whatever is there stays as it is."""
    await migrate_up(settings)
    container = make_container(settings)
    try:
        await _first_admin(container, settings)
        if settings.sample_data:
            await _first_sample(container)
    finally:
        await container.close()


async def make_admin(settings: Settings, email: str, password: str) -> None:
    """Make an admin, or make an existing user one, with this password. Raises PasswordTooWeak."""
    container = make_container(settings)
    try:
        await (await container.get(CreateAdmin))(email, password)
    finally:
        await container.close()


async def _first_admin(container: AsyncContainer, settings: Settings) -> None:
    """An admin who is there keeps the password that they may have changed."""
    if not settings.admin_email or not settings.admin_password:
        return
    store = await container.get(Store)
    async with store.transaction() as tx:
        known = await tx.users.find_by_email(normal_email(settings.admin_email))
    if known is None:
        await (await container.get(CreateAdmin))(settings.admin_email, settings.admin_password)


async def _first_sample(container: AsyncContainer) -> None:
    views = await container.get(CatalogViews)
    if (await views.products(ProductFilter(), PageRequest(size=1), staff=True)).results:
        return
    with progress_bar("Loading the sample catalogue") as progress:
        await (await container.get(LoadSample))(progress=progress)
