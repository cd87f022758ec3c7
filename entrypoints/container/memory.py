"""The shop in memory: for tests, simulation and the in-process shop."""

from dishka import Provider, Scope, provide

from adapters.memory.accounts import MemoryUserViews
from adapters.memory.addresses import MemoryAddressViews
from adapters.memory.api_keys import MemoryApiKeyViews, MemoryKeyUses
from adapters.memory.audit import MemoryBooks
from adapters.memory.audit_log import MemoryAuditLog
from adapters.memory.cache import MemoryAnswers
from adapters.memory.cart import MemoryBaskets
from adapters.memory.catalog import MemoryCatalogViews
from adapters.memory.checkout import MemoryCheckouts
from adapters.memory.documents import MemoryDocuments
from adapters.memory.idempotency import MemoryMemory
from adapters.memory.inventory import MemoryStockViews
from adapters.memory.mail import MemoryMailer
from adapters.memory.media import MemoryMedia
from adapters.memory.ordering import MemoryOrderViews
from adapters.memory.outbox import InlineJobs, MemoryOutbox
from adapters.memory.payments import MemoryPaymentViews
from adapters.memory.personal import MemoryDisclosures
from adapters.memory.promotions import MemoryCouponViews
from adapters.memory.rates import MemoryCurrentRates
from adapters.memory.revocations import MemoryNotices, MemoryStandings
from adapters.memory.search import MemoryMisses, MemorySearchIndex
from adapters.memory.snapshots import MemorySnapshots
from adapters.memory.store import MemoryStore
from adapters.memory.tables import MemoryDatabase
from adapters.memory.transfers import MemoryTransferViews
from adapters.postgres.counting import StatementCount
from adapters.sandbox.gateway import SandboxGateway
from adapters.sandbox.ledger import MemoryLedger
from application import ports
from application.accounts.addresses import AddressViews
from application.accounts.identifying import KeyUses
from application.accounts.keys import ApiKeyViews
from application.accounts.personal import Disclosures
from application.accounts.revocations import Notices, Standings
from application.accounts.users import UserViews
from application.audit import Books
from application.audit_log.entries import AuditLog
from application.cart import Baskets
from application.catalog.views import CatalogViews
from application.checkout import Checkouts
from application.exporting.catalog import Snapshots
from application.freshness import Bulletin, SharedAnswers
from application.idempotency import Memory
from application.inventory import StockViews
from application.limits.local import LocalLimiter, Unlimited
from application.limits.quotas import Limiter
from application.ordering import OrderViews
from application.outbox import DeliverEvents, Jobs, Outbox
from application.paging import Cursors
from application.payments import PaymentViews
from application.promotions import CouponViews
from application.rates.charging import CurrentRates
from application.sealing import Vaults
from application.search.index import Documents, SearchIndex
from application.search.misses import Misses
from application.search.standby import CatalogIndex
from application.transfers.views import TransferViews
from entrypoints.observing import Levels, Probes, Statements
from entrypoints.settings import Settings


class InMemory(Provider):
    """Behind each port its fake, which is held to the same contract as the machine."""

    scope = Scope.APP

    @provide
    def database(self, new_id: ports.NewId, bulletin: Bulletin) -> MemoryDatabase:
        return MemoryDatabase(new_id, bulletin)

    @provide
    def shared_answers(self) -> SharedAnswers:
        return MemoryAnswers()

    @provide
    def store(self, database: MemoryDatabase) -> ports.Store:
        return MemoryStore(database)

    @provide
    def limiter(self, settings: Settings) -> Limiter:
        return LocalLimiter() if settings.rate_limits else Unlimited()

    @provide
    def stock_views(self, database: MemoryDatabase, cursors: Cursors) -> StockViews:
        return MemoryStockViews(database, cursors)

    @provide
    def books(self, database: MemoryDatabase) -> Books:
        return MemoryBooks(database)

    @provide
    def audit_log(self, database: MemoryDatabase, cursors: Cursors) -> AuditLog:
        return MemoryAuditLog(database, cursors)

    @provide
    def memory(self, database: MemoryDatabase, clock: ports.Clock) -> Memory:
        return MemoryMemory(database, clock)

    @provide
    def users(self, database: MemoryDatabase, cursors: Cursors) -> UserViews:
        return MemoryUserViews(database, cursors)

    @provide
    def api_keys(self, database: MemoryDatabase, cursors: Cursors) -> ApiKeyViews:
        return MemoryApiKeyViews(database, cursors)

    @provide
    def key_uses(self, database: MemoryDatabase) -> KeyUses:
        return MemoryKeyUses(database)

    @provide
    def standings(self, database: MemoryDatabase) -> Standings:
        return MemoryStandings(database)

    @provide
    def notices(self) -> Notices:
        return MemoryNotices()

    @provide
    def addresses(self, database: MemoryDatabase, cursors: Cursors) -> AddressViews:
        return MemoryAddressViews(database, cursors)

    @provide
    def disclosures(self, database: MemoryDatabase) -> Disclosures:
        return MemoryDisclosures(database)

    @provide
    def catalog(self, database: MemoryDatabase, cursors: Cursors) -> CatalogViews:
        return MemoryCatalogViews(database, cursors)

    @provide
    def search(self, database: MemoryDatabase, cursors: Cursors, currency: ports.Currency) -> CatalogIndex:
        return MemorySearchIndex(database, MemoryCatalogViews(database, cursors), cursors, currency)

    @provide
    def misses(self, cursors: Cursors) -> Misses:
        return MemoryMisses(cursors)

    @provide
    def documents(self, database: MemoryDatabase, cursors: Cursors) -> Documents:
        return MemoryDocuments(database, MemoryCatalogViews(database, cursors))

    @provide
    def index(self, own: CatalogIndex) -> SearchIndex:
        return own

    @provide
    def snapshots(self, database: MemoryDatabase) -> Snapshots:
        return MemorySnapshots(database)

    @provide
    def transfers(self, database: MemoryDatabase, cursors: Cursors) -> TransferViews:
        return MemoryTransferViews(database, cursors)

    @provide
    def baskets(self, database: MemoryDatabase) -> Baskets:
        return MemoryBaskets(database)

    @provide
    def coupons(self, database: MemoryDatabase, cursors: Cursors) -> CouponViews:
        return MemoryCouponViews(database, cursors)

    @provide
    def current_rates(self, database: MemoryDatabase) -> CurrentRates:
        return MemoryCurrentRates(database)

    @provide
    def checkouts(self, database: MemoryDatabase) -> Checkouts:
        return MemoryCheckouts(database)

    @provide
    def orders(self, database: MemoryDatabase, cursors: Cursors) -> OrderViews:
        return MemoryOrderViews(database, cursors)

    @provide
    def payments(self, database: MemoryDatabase, cursors: Cursors) -> PaymentViews:
        return MemoryPaymentViews(database, cursors)

    @provide
    def outbox(self, database: MemoryDatabase, clock: ports.Clock) -> Outbox:
        return MemoryOutbox(database, clock)

    @provide
    def vaults(self) -> Vaults:
        return Vaults(())  # memory ends with its process

    @provide
    def sandbox(self) -> SandboxGateway:
        return SandboxGateway(MemoryLedger())

    @provide
    def gateway(self, sandbox: SandboxGateway) -> ports.PaymentGateway:
        return sandbox

    @provide
    def cards(self, sandbox: SandboxGateway) -> ports.SandboxCards:
        return sandbox

    @provide
    def wake(self) -> ports.Wake:
        return lambda: None  # whoever drives this shop runs its jobs

    @provide
    def jobs(self, deliver: DeliverEvents) -> Jobs:
        return InlineJobs(deliver)

    @provide
    def box(self, clock: ports.Clock) -> MemoryMailer:
        return MemoryMailer(clock)

    @provide
    def mailer(self, box: MemoryMailer) -> ports.Mailer:
        return box

    @provide
    def mailbox(self, box: MemoryMailer) -> ports.Mailbox:
        return box

    @provide
    def media(self) -> ports.Media:
        return MemoryMedia()

    @provide
    def levels(self) -> Levels:
        return Levels({})

    @provide
    def probes(self) -> Probes:
        return Probes({})

    @provide
    def statements(self) -> Statements:
        return StatementCount()  # none is ever sent
