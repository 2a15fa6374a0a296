"""``python -m core.sandbox``: serve the pretend Webex cloud on loopback, or write a labelled history to files."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import uvicorn

from core.clock import SystemClock
from core.language import translate
from core.sandbox.cloud import build_cloud
from core.sandbox.export import History, export, yesterday
from core.sandbox.tenant import TenantOptions
from core.settings import Settings, load_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the commands; without one, serve."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    settings = load_settings()
    if given[:1] == ["export"]:
        return _export(_export_parser(settings).parse_args(given[1:]))
    return _serve(_parser(settings).parse_args(given))


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=settings.sandbox_port, help="port on 127.0.0.1")
    parser.add_argument("--seed", type=int, default=settings.sandbox_seed)
    parser.add_argument("--people", type=int, default=settings.sandbox_people)
    parser.add_argument("--history-days", type=int, default=settings.sandbox_history_days)
    parser.add_argument("--rate-scale", type=float, default=settings.rate_scale, help="1 = Webex's real request limits")
    parser.add_argument("--life-scale", type=float, default=1.0, help="1 = tokens live as long as Webex's")
    parser.add_argument("--data-dir", type=Path, default=settings.data_dir)
    parser.add_argument("--quiet", action="store_true", help="no incident happens by itself")
    return parser


def _export_parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.sandbox export", description=export.__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=settings.sandbox_seed)
    parser.add_argument("--people", type=int, default=settings.sandbox_people)
    parser.add_argument("--incidents", type=int, default=0, help="how many incidents, spread over the later days")
    parser.add_argument("--until", type=date.fromisoformat, help="last day, YYYY-MM-DD; else yesterday")
    parser.add_argument("--cdrs", type=Path, required=True, metavar="FILE.jsonl.gz")
    parser.add_argument("--directory", type=Path, metavar="FILE.json")
    parser.add_argument("--labels", type=Path, metavar="FILE.json")
    return parser


def _export(options: argparse.Namespace) -> int:
    until = options.until or yesterday(SystemClock().now())
    history = History(options.days, options.seed, options.people, options.incidents, until)
    written = export(history, options.cdrs, options.directory, options.labels)
    print(translate("sandbox.exported", legs=written.legs, days=options.days, incidents=written.incidents))  # noqa: T201
    return 0


def _serve(options: argparse.Namespace) -> int:
    tenant = TenantOptions(
        data_dir=options.data_dir,
        seed=options.seed,
        people=options.people,
        history_days=options.history_days,
        rate_scale=options.rate_scale,
        life_scale=options.life_scale,
        live_incidents=not options.quiet,
    )
    app = build_cloud(tenant, SystemClock())
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=options.port, log_level="warning", access_log=False)
    )
    address = f"http://127.0.0.1:{options.port}/v1"
    print(translate("sandbox.serving", people=options.people, seed=options.seed, address=address))  # noqa: T201
    sys.stdout.flush()
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
