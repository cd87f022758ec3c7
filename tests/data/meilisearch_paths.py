"""What Meilisearch 1.53 says of the paths that we call: their fields and types, facts taken from its description.

One erratum in that: `facets` is described as an object of patterns; it is a list of them.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from msgspec import UNSET, Meta, Struct, UnsetType

Natural = Annotated[int, Meta(ge=0)]
Small = Annotated[int, Meta(ge=0, le=255)]
Uid = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]{1,512}$")]
TaskStatus = Literal["enqueued", "processing", "succeeded", "failed", "canceled"]
Kind = Literal[
    "documentAdditionOrUpdate",
    "documentEdition",
    "documentDeletion",
    "settingsUpdate",
    "indexCreation",
    "indexDeletion",
    "indexUpdate",
    "indexSwap",
    "taskCancelation",
    "taskDeletion",
    "dumpCreation",
    "snapshotCreation",
    "export",
    "upgradeDatabase",
    "indexCompaction",
    "networkTopologyChange",
    "dsrUpdate",
    "dsrClear",
]


class Told(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A body that the server reads: what it does not know, it refuses."""


class Answered(Struct, rename="camel", kw_only=True, omit_defaults=True):
    """A body that the server writes: a later one may say more."""


class IndexCreateRequest(Told, kw_only=True):
    uid: Uid
    primary_key: str | None = None


class MinWordSizeTyposSetting(Told, kw_only=True):
    one_typo: Small | None = 5
    two_typos: Small | None = 9


class TypoSettings(Told, kw_only=True):
    enabled: bool | None = True
    min_word_size_for_typos: MinWordSizeTyposSetting | None = None
    disable_on_words: list[str] | None = None
    disable_on_attributes: list[str] | None = None
    disable_on_numbers: bool | None = False


class FacetingSettings(Told, kw_only=True):
    max_values_per_facet: Natural | None = 100
    sort_facet_values_by: dict[str, Literal["alpha", "count"]] | None = None


class PaginationSettings(Told, kw_only=True):
    max_total_hits: Natural | None = 1000


class Settings(Told, kw_only=True):
    """`Settings_Unchecked`: those that a shop may want."""

    displayed_attributes: list[str] | None = None
    searchable_attributes: list[str] | None = None
    filterable_attributes: list[str] | None = None
    sortable_attributes: list[str] | None = None
    ranking_rules: list[str] | None = None
    stop_words: list[str] | None = None
    synonyms: dict[str, list[str]] | None = None
    distinct_attribute: str | None = None
    proximity_precision: str | None = None
    typo_tolerance: TypoSettings | None = None
    faceting: FacetingSettings | None = None
    pagination: PaginationSettings | None = None
    search_cutoff_ms: Natural | None = None
    prefix_search: Literal["indexingTime", "disabled"] | None = None


class SearchQuery(Told, kw_only=True):
    q: str | None = None
    offset: Natural = 0
    limit: Natural = 20
    page: Natural | None = None
    hits_per_page: Natural | None = None
    attributes_to_retrieve: list[str] | None = None
    filter: Any = None
    sort: list[str] | None = None
    distinct: str | None = None
    facets: list[str] | None = None
    matching_strategy: Literal["last", "all", "frequency"] = "last"
    attributes_to_search_on: list[str] | None = None
    ranking_score_threshold: float | None = None
    show_ranking_score: bool = False


class SearchQueryWithIndex(SearchQuery, kw_only=True):
    index_uid: Uid


class FederatedSearch(Told, kw_only=True):
    """Without `federation`, which we do not use: an answer to each."""

    queries: list[SearchQueryWithIndex]


class BrowseQuery(Told, kw_only=True):
    offset: Natural = 0
    limit: Natural = 20
    fields: list[str] | None = None
    ids: list[str] | None = None
    filter: Any = None
    sort: list[str] | None = None


class SwapIndexesPayload(Told, kw_only=True):
    indexes: list[Uid]
    rename: bool = False


class HealthResponse(Answered, kw_only=True):
    status: Literal["available", "mustRestart"]


class ResponseError(Answered, kw_only=True):
    message: str
    code: str
    type: Literal["internal", "invalid_request", "auth", "system"]
    link: str


class SummarizedTaskView(Answered, kw_only=True):
    task_uid: Natural
    status: TaskStatus
    type: Kind
    enqueued_at: datetime
    index_uid: str | None = None


class TaskView(Answered, kw_only=True):
    uid: Natural
    status: TaskStatus
    type: Kind
    enqueued_at: str
    index_uid: str | None = None
    details: dict[str, Any] | None = None
    error: ResponseError | None = None
    duration: str | None = None
    started_at: str | UnsetType = UNSET
    finished_at: str | UnsetType = UNSET


class IndexView(Answered, kw_only=True):
    uid: str
    created_at: datetime
    updated_at: datetime
    primary_key: str | None = None


class IndexStats(Answered, kw_only=True):
    number_of_documents: Natural
    index_size: int | str
    used_index_size: int | str
    raw_document_db_size: int | str
    avg_document_size: int | str
    is_indexing: bool
    field_distribution: dict[str, Natural]


class FacetStats(Answered, kw_only=True):
    min: float
    max: float


class SearchResult(Answered, kw_only=True):
    """With `offset` and `limit`, or with `page` and `hitsPerPage`, whatever was asked by."""

    hits: list[dict[str, Any]]
    query: str
    processing_time_ms: Natural
    facet_distribution: dict[str, Any] | None = None
    facet_stats: dict[str, FacetStats] | None = None
    limit: Natural | UnsetType = UNSET
    offset: Natural | UnsetType = UNSET
    estimated_total_hits: Natural | UnsetType = UNSET
    hits_per_page: Natural | UnsetType = UNSET
    page: Natural | UnsetType = UNSET
    total_pages: Natural | UnsetType = UNSET
    total_hits: Natural | UnsetType = UNSET


class SearchResultWithIndex(SearchResult, kw_only=True):
    index_uid: str


class SearchResults(Answered, kw_only=True):
    results: list[SearchResultWithIndex]


class Documents(Answered, kw_only=True):
    """`PaginationView_Value`"""

    results: list[Any]
    offset: Natural
    limit: Natural
    total: Natural


class Path(NamedTuple):
    """A path, what it takes, and what it answers with where all is well."""

    method: str
    path: str
    takes: Any
    status: int
    answers: Any
    query: frozenset[str] = frozenset()


PATHS = (
    Path("GET", "/health", None, 200, HealthResponse),
    Path("GET", "/tasks/{task_id}", None, 200, TaskView),
    Path("POST", "/indexes", IndexCreateRequest, 202, SummarizedTaskView),
    Path("GET", "/indexes/{index_uid}", None, 200, IndexView),
    Path("DELETE", "/indexes/{index_uid}", None, 202, SummarizedTaskView),
    Path("PATCH", "/indexes/{index_uid}/settings", Settings, 202, SummarizedTaskView),
    Path("GET", "/indexes/{index_uid}/stats", None, 200, IndexStats),
    Path(
        "POST",
        "/indexes/{index_uid}/documents",
        list[dict[str, Any]],
        202,
        SummarizedTaskView,
        frozenset({"primaryKey"}),
    ),
    Path("POST", "/indexes/{index_uid}/documents/fetch", BrowseQuery, 200, Documents),
    Path("POST", "/indexes/{index_uid}/documents/delete-batch", list[Any], 202, SummarizedTaskView),
    Path("POST", "/indexes/{index_uid}/search", SearchQuery, 200, SearchResult),
    Path("POST", "/multi-search", FederatedSearch, 200, SearchResults),
    Path("POST", "/swap-indexes", list[SwapIndexesPayload], 202, SummarizedTaskView),
)
