"""The shop as it runs: PostgreSQL, Redis, files or SMTP."""

from collections.abc import AsyncIterator

from dishka import Provider, Scope, provide
from redis.asyncio import Redis

from adapters.email.files import FileMailer
from adapters.email.smtp import SmtpMailer, SmtpServer
from adapters.media.objects import S3Access, local_media, s3_media
from adapters.postgres.accounts import PostgresUserViews
from adapters.postgres.addresses import PostgresAddressViews
from adapters.postgres.api_keys import PostgresApiKeyViews, PostgresKeyUses
from adapters.postgres.audit import PostgresBooks
from adapters.postgres.audit_log import PostgresAuditLog
from adapters.postgres.cart import PostgresBaskets
from adapters.postgres.catalog import PostgresCatalogViews
from adapters.postgres.catalog.snapshots import PostgresSnapshots
from adapters.postgres.checkout import PostgresCheckouts
from adapters.postgres.counting import StatementCount
from adapters.postgres.database import Database
from adapters.postgres.housekeeping import PostgresAttic
from adapters.postgres.idempotency import AnswersVault, PostgresMemory
from adapters.postgres.inventory import PostgresStockViews
from adapters.postgres.ordering import PostgresOrderViews
from adapters.postgres.outbox import PostgresOutbox
from adapters.postgres.payments import PostgresPaymentViews
from adapters.postgres.personal import PostgresDisclosures
from adapters.postgres.promotions import PostgresCouponViews
from adapters.postgres.rates import PostgresCurrentRates
from adapters.postgres.revocations import PostgresStandings
from adapters.postgres.search import PostgresMisses, PostgresSearchIndex
from adapters.postgres.search.documents import PostgresDocuments
from adapters.postgres.store import PostgresStore
from adapters.postgres.transfers import PostgresTransferViews
from adapters.redis.cache import RedisAnswers
from adapters.redis.connection import connect
from adapters.redis.jobs import SaqJobs
from adapters.redis.limits import RedisLimiter
from adapters.redis.revocations import RedisNotices
from adapters.redis.wake import RedisPokes, RedisWake
from adapters.sandbox.gateway import SandboxGateway
from adapters.sandbox.ledger import PostgresLedger
from adapters.sandbox.vault import SandboxVault
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
from application.housekeeping import Attic, ForgetLeftovers
from application.idempotency import Memory
from application.inventory import StockViews
from application.limits.local import LocalLimiter, Unlimited
from application.limits.quotas import Limiter
from application.ordering import OrderViews
from application.outbox import Hands, Jobs, Outbox, Pokes
from application.paging import Cursors
from application.payments import PaymentViews
from application.promotions import CouponViews
from application.rates.charging import CurrentRates
from application.sealing import Seal, Vaults
from application.search.index import Documents, SearchIndex
from application.search.misses import Misses
from application.search.standby import CatalogIndex
from application.transfers.views import TransferViews
from entrypoints.observing import Statements
from entrypoints.settings import Settings, SettingsError


class OnMachines(Provider):
    """Behind each port the machine that production has, or its stand-in of the default install."""

    scope = Scope.APP

    @provide
    async def database(self, settings: Settings, statements: Statements) -> AsyncIterator[Database]:
        database = Database(settings.needed("database_url"))
        if settings.debug and isinstance(statements, StatementCount):
            statements.watch(database.engine)
        yield database
        await database.close()

    @provide
    def statements(self) -> Statements:
        return StatementCount()

    @provide
    def store(self, database: Database, new_id: ports.NewId, bulletin: Bulletin, seal: Seal) -> ports.Store:
        return PostgresStore(database, new_id, bulletin, seal)

    @provide
    def memory(self, database: Database, seal: Seal) -> Memory:
        return PostgresMemory(database, seal)

    @provide
    def users(self, database: Database, cursors: Cursors) -> UserViews:
        return PostgresUserViews(database, cursors)

    @provide
    def api_keys(self, database: Database, cursors: Cursors) -> ApiKeyViews:
        return PostgresApiKeyViews(database, cursors)

    @provide
    def key_uses(self, database: Database) -> KeyUses:
        return PostgresKeyUses(database)

    @provide
    def standings(self, database: Database) -> Standings:
        return PostgresStandings(database)

    @provide
    async def notices(self, redis: Redis, ttl: ports.AccessTtl) -> AsyncIterator[Notices]:
        notices = RedisNotices(redis, ttl)
        yield notices
        await notices.close()

    @provide
    def addresses(self, database: Database, cursors: Cursors) -> AddressViews:
        return PostgresAddressViews(database, cursors)

    @provide
    def disclosures(self, database: Database) -> Disclosures:
        return PostgresDisclosures(database)

    @provide
    def catalog(self, database: Database, cursors: Cursors) -> CatalogViews:
        return PostgresCatalogViews(database, cursors)

    @provide
    def search(self, database: Database, cursors: Cursors, currency: ports.Currency) -> CatalogIndex:
        return PostgresSearchIndex(database, PostgresCatalogViews(database, cursors), cursors, currency)

    @provide
    async def misses(self, database: Database, cursors: Cursors) -> AsyncIterator[Misses]:
        misses = PostgresMisses(database, cursors)
        yield misses
        await misses.close()

    @provide
    def documents(self, database: Database) -> Documents:
        return PostgresDocuments(database)

    @provide
    def index(self, own: CatalogIndex) -> SearchIndex:
        return own

    @provide
    def snapshots(self, database: Database) -> Snapshots:
        return PostgresSnapshots(database)

    @provide
    def transfers(self, database: Database, cursors: Cursors) -> TransferViews:
        return PostgresTransferViews(database, cursors)

    @provide
    def baskets(self, database: Database) -> Baskets:
        return PostgresBaskets(database)

    @provide
    def coupons(self, database: Database, cursors: Cursors) -> CouponViews:
        return PostgresCouponViews(database, cursors)

    @provide
    def current_rates(self, database: Database) -> CurrentRates:
        return PostgresCurrentRates(database)

    @provide
    def checkouts(self, database: Database, new_id: ports.NewId, bulletin: Bulletin) -> Checkouts:
        return PostgresCheckouts(database, new_id, bulletin)

    @provide
    def orders(self, database: Database, cursors: Cursors) -> OrderViews:
        return PostgresOrderViews(database, cursors)

    @provide
    def payments(self, database: Database, cursors: Cursors) -> PaymentViews:
        return PostgresPaymentViews(database, cursors)

    @provide
    def outbox(self, database: Database) -> Outbox:
        return PostgresOutbox(database)

    @provide
    def stock_views(self, database: Database, cursors: Cursors) -> StockViews:
        return PostgresStockViews(database, cursors)

    @provide
    def books(self, database: Database) -> Books:
        return PostgresBooks(database)

    @provide
    def audit_log(self, database: Database, cursors: Cursors) -> AuditLog:
        return PostgresAuditLog(database, cursors)

    @provide
    def attic(self, database: Database) -> Attic:
        return PostgresAttic(database)

    housekeeping = provide(ForgetLeftovers)

    @provide
    def vaults(self, database: Database) -> Vaults:
        return Vaults((SandboxVault(database.engine), AnswersVault(database)))

    @provide
    def sandbox(self, settings: Settings, database: Database, seal: Seal) -> SandboxGateway:
        if settings.stripe_secret_key:
            raise SettingsError(
                "STRIPE_SECRET_KEY: this version has no Stripe gateway yet; leave it empty for the sandbox"
            )
        return SandboxGateway(PostgresLedger(database.engine, seal))

    @provide
    def gateway(self, sandbox: SandboxGateway) -> ports.PaymentGateway:
        return sandbox

    @provide
    def cards(self, sandbox: SandboxGateway) -> ports.SandboxCards:
        return sandbox

    @provide
    async def redis(self, settings: Settings) -> AsyncIterator[Redis]:
        redis = connect(settings.needed("redis_url"))
        yield redis
        await redis.aclose()

    @provide
    def shared_answers(self, redis: Redis) -> SharedAnswers:
        return RedisAnswers(redis)

    @provide
    async def limiter(self, settings: Settings, redis: Redis) -> AsyncIterator[Limiter]:
        if not settings.rate_limits:
            yield Unlimited()
            return
        limiter = RedisLimiter(redis, LocalLimiter(settings.web_workers))
        yield limiter
        await limiter.close()

    @provide
    async def wake(self, redis: Redis) -> AsyncIterator[ports.Wake]:
        wake = RedisWake(redis)
        yield wake
        await wake.close()

    @provide
    def saq(self, settings: Settings, redis: Redis) -> SaqJobs:
        return SaqJobs(redis, settings.worker_concurrency)

    @provide
    def jobs(self, saq: SaqJobs) -> Jobs:
        return saq

    @provide
    def hands(self, saq: SaqJobs) -> Hands:
        return saq

    @provide
    async def pokes(self, redis: Redis) -> AsyncIterator[Pokes]:
        pokes = RedisPokes(redis)
        yield pokes
        await pokes.close()

    @provide
    def files(self, settings: Settings, clock: ports.Clock) -> FileMailer:
        return FileMailer(settings.data_dir / "mail", settings.mail_from, clock)

    @provide
    def mailer(self, settings: Settings, files: FileMailer, clock: ports.Clock) -> ports.Mailer:
        if settings.smtp_url:
            return SmtpMailer(SmtpServer.parse(settings.smtp_url), settings.mail_from, clock)
        return files

    @provide
    def mailbox(self, files: FileMailer) -> ports.Mailbox:
        return files

    @provide
    def media(self, settings: Settings) -> ports.Media:
        if settings.media_url:
            return s3_media(settings.media_url, _s3_access(settings), settings.media_public_url)
        return local_media(settings.data_dir / "media")


def _s3_access(settings: Settings) -> S3Access:
    return S3Access(
        key_id=settings.aws_access_key_id,
        secret=settings.aws_secret_access_key,
        session_token=settings.aws_session_token,
        region=settings.aws_region,
        endpoint=settings.aws_endpoint_url,
    )
