"""`tradepost`: the command line. Every command finds the shop that runs in DATA_DIR, or the one that is configured."""

import asyncio
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click

from application.acting import OPERATOR, acting
from application.ports import Busy, Unavailable
from domain.accounts import SCOPES, Permission, Role
from domain.errors import DomainError
from entrypoints.settings import Settings, SettingsError, load, with_keepsakes

PROCESSES = {"up", "serve", "worker", "prepare", "sample"}  # act as the shop; other commands are somebody's doing


def main() -> None:
    """Run a command; what the shop refuses is printed, and the exit code is 1."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except (DomainError, SettingsError, Busy) as error:
        sys.exit(f"tradepost: {error}")
    except Unavailable as error:
        sys.exit(f"tradepost: the {error.part} is away")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def cli(context: click.Context) -> None:
    """Tradepost, a commerce backend. `tradepost up` starts a whole shop."""
    if context.invoked_subcommand not in PROCESSES:
        acting.set(OPERATOR)


@cli.command("version")
def version_() -> None:
    """Print the version."""
    click.echo(version("tradepost"))


@cli.command()
def up() -> None:
    """Start the whole shop on this machine, until Ctrl-C."""
    from entrypoints.container import embedded_servers
    from entrypoints.up import up as run

    sys.exit(run(load(), embedded_servers))


@cli.command()
def serve() -> None:
    """Run the web processes."""
    from entrypoints.serve import serve as run

    settings = found()
    settings.needed("database_url")
    settings.needed("redis_url")
    settings.needed("secret_key")
    run(settings.host, settings.port, settings.web_workers, metrics=settings.data_dir / "metrics")


@cli.command()
def worker() -> None:
    """Run a worker: events, mail, expiry, reconciliation."""
    from entrypoints.working import work

    asyncio.run(work(found()))


@cli.command(hidden=True)
def prepare() -> None:
    """What `up` does before the shop opens: migrations, the first admin, the sample on a first start."""
    from entrypoints.preparing import prepare as run

    asyncio.run(run(found()))


@cli.group()
def db() -> None:
    """The database's schema."""


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Run the migrations that are missing."""
    from entrypoints.container import migrate_up

    asyncio.run(migrate_up(found(), revision))


@db.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Undo migrations down to REVISION; "base" undoes all of them, and all data with them."""
    from entrypoints.container import migrate_down

    asyncio.run(migrate_down(found(), revision))


@cli.command()
@click.option(
    "--products", type=click.IntRange(min=0), default=0, help="So many generated products beside the hand-made."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same products.")
def sample(products: int, seed: int) -> None:
    """Load the sample catalogue. What is there already stays as it is."""
    from entrypoints.catalogs import load_sample

    asyncio.run(load_sample(found(), products, seed))


@cli.group()
def catalog() -> None:
    """Catalogues as files."""


@catalog.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--restock", is_flag=True, help="Set the stock of products that exist already, too.")
@click.option("--encoding", type=click.Choice(["utf-8", "utf-16", "windows-1252"]), default="utf-8", show_default=True)
def import_(file: Path, dry_run: bool, restock: bool, encoding: str) -> None:
    """Import a product export in Shopify's CSV format. Repeating it makes no duplicates."""
    from entrypoints.catalogs import import_file

    asyncio.run(import_file(found(), file, encoding, dry_run=dry_run, restock=restock))


@cli.command()
def audit() -> None:
    """Prove from the database that nothing was oversold, lost or doubled; exit code 1 where something was."""
    from entrypoints.auditing import audit as run

    sys.exit(asyncio.run(run(found())))


@cli.group("audit-log", invoke_without_command=True)
@click.option("--actor", help='As "user:<id>", "key:<id>", "operator", "shop" or "anonymous".')
@click.option("--action", help='As "product-changed".')
@click.option("--object", help='As "product:<id>".')
@click.option("--since", type=click.DateTime(), help="In UTC.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="The newest so many.")
@click.pass_context
def audit_log(
    context: click.Context,
    actor: str | None,
    action: str | None,
    object: str | None,
    since: datetime | None,
    limit: int,
) -> None:
    """What staff did, and what happened to accounts: one JSON object a line, the newest last."""
    from application.audit_log.entries import EntryFilters
    from entrypoints.audit_log import show

    if context.invoked_subcommand is None:
        filters = EntryFilters(actor, action, object, since and since.replace(tzinfo=UTC))
        asyncio.run(show(found(), filters, limit))


@audit_log.command()
@click.option("--noted", metavar="NUMBER:HASH", help="An end that was printed earlier: it must still be there.")
def verify(noted: str | None) -> None:
    """Prove that no entry was edited, removed or moved; exit code 1 where one was."""
    from application.audit_log.keeping import Anchor
    from entrypoints.audit_log import verify as run

    sys.exit(asyncio.run(run(found(), Anchor.parse(noted) if noted else None)))


@catalog.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Export all products in Shopify's CSV format. `catalog import` reads it again."""
    from entrypoints.catalogs import export_file

    asyncio.run(export_file(found(), file))


@cli.group("secrets")
def secrets_() -> None:
    """What the database keeps sealed."""


@secrets_.command()
def reseal() -> None:
    """Seal it anew with the newest SECRET_KEY; after that the ones before may go."""
    from entrypoints.sealing import reseal as run

    sys.exit(asyncio.run(run(found())))


@cli.group()
def search() -> None:
    """The index that products are found in."""


@search.command()
def reindex() -> None:
    """Make it anew from the catalogue while the old one goes on answering."""
    from entrypoints.searching import reindex as run

    asyncio.run(run(found()))


@cli.group()
def users() -> None:
    """Accounts."""


@users.command("create-admin")
@click.option("--email", prompt=True)
@click.password_option(help="Asked for when not given.")
def create_admin(email: str, password: str) -> None:
    """Make an admin, or make an existing user one, with this password."""
    from entrypoints.preparing import make_admin

    asyncio.run(make_admin(found(), email, password))
    click.echo(f"{email} is an admin.")


@users.command()
@click.argument("email")
def disable(email: str) -> None:
    """Lock somebody out, from their next request on."""
    from entrypoints.accounts import set_active

    asyncio.run(set_active(found(), email, is_active=False))


@users.command()
@click.argument("email")
def enable(email: str) -> None:
    """Let somebody sign in again."""
    from entrypoints.accounts import set_active

    asyncio.run(set_active(found(), email, is_active=True))


@users.command()
@click.argument("email")
@click.option("--add", multiple=True, type=click.Choice([each.value for each in Role]), help="A role to give.")
@click.option("--remove", multiple=True, type=click.Choice([each.value for each in Role]), help="A role to take away.")
def role(email: str, add: tuple[Role, ...], remove: tuple[Role, ...]) -> None:
    """Give roles to somebody, or take them away, from their next request on."""
    from entrypoints.accounts import set_roles

    asyncio.run(set_roles(found(), email, [*map(Role, add)], [*map(Role, remove)]))


@cli.group()
def keys() -> None:
    """API keys, by which programs of others sign in."""


@keys.command("create")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([each.value for each in sorted(SCOPES)]),
    help="What it may.",
)
@click.option("--days", type=click.IntRange(min=1, max=3660), help="How long it is good; for ever when not given.")
def create_key(name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a key and print it. It is shown this once."""
    from entrypoints.accounts import create_key as run

    asyncio.run(run(found(), name, [*map(Permission, scopes)], days))


@keys.command("list")
def list_keys() -> None:
    """List the keys by their prefixes."""
    from entrypoints.accounts import list_keys as run

    asyncio.run(run(found()))


@keys.command("revoke")
@click.argument("prefix")
def revoke_key(prefix: str) -> None:
    """Revoke the key with this PREFIX (or id), from its next request on."""
    from entrypoints.accounts import revoke_key as run

    asyncio.run(run(found(), prefix))


def found() -> Settings:
    """The settings, completed by what a shop that runs in DATA_DIR knows."""
    from entrypoints.container import on_running_servers

    return on_running_servers(with_keepsakes(load()))


if __name__ == "__main__":
    main()
