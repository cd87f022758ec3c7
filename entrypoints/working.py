"""The worker's assembly: the dispatcher, the hands, and what is done by the clock."""

from application.audit import WatchBooks
from application.audit_log.keeping import ExtendAuditLog
from application.cancelling import ExpireOrders
from application.housekeeping import ForgetLeftovers
from application.outbox import DeliverEvents, Hands, Pokes, RelayEvents
from application.payments import Reconcile
from application.sealing import ResealSecrets
from application.search.indexing import TendIndex
from application.transfers.running import ForgetTransfers, RunExports, RunImports
from entrypoints import lifeline, logging
from entrypoints.container import make_container
from entrypoints.settings import Settings
from entrypoints.worker import Chore, Worker, stop_on_signals

EXPIRE_EVERY = 5.0  # seconds
TEND_EVERY = 5.0
TRANSFER_EVERY = 1.0
LOG_EVERY = 0.5
FORGET_EVERY = 3600.0
SEAL_EVERY = 3600.0


async def work(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    logging.configure(settings.log_level)
    container = make_container(settings)
    tending = [Chore("tend the search index", TEND_EVERY, await container.get(TendIndex))] if settings.meili_url else []
    worker = Worker(
        relay=await container.get(RelayEvents),
        deliver=await container.get(DeliverEvents),
        hands=await container.get(Hands),
        pokes=await container.get(Pokes),
        chores=(
            Chore("expire orders", EXPIRE_EVERY, await container.get(ExpireOrders)),
            Chore("reconcile payments", settings.reconcile_every, await container.get(Reconcile)),
            Chore("audit", settings.audit_every, await container.get(WatchBooks)),
            Chore("write the audit log", LOG_EVERY, await container.get(ExtendAuditLog)),
            Chore("forget leftovers", FORGET_EVERY, await container.get(ForgetLeftovers)),
            Chore("seal secrets", SEAL_EVERY, await container.get(ResealSecrets)),
            Chore("import catalogues", TRANSFER_EVERY, await container.get(RunImports)),
            Chore("export catalogues", TRANSFER_EVERY, await container.get(RunExports)),
            Chore("forget transfers", FORGET_EVERY, await container.get(ForgetTransfers)),
            *tending,
        ),
    )
    lifeline.hold()
    try:
        await worker(stop_on_signals())
    finally:
        await container.close()
