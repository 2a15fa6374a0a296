"""``make bench``: every figure, each as a ratio to the engine's own limit measured in the same run.

``python -m bench [NAME …]`` runs some of them; ``--quick`` runs all at a tenth of the size.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

ORDER = (
    "import_calls",
    "explore_calls",
    "export_calls",
    "journeys",
    "detection",
    "recordings",
    "tickets",
    "dialer",
    "page_rerun",
    "anonymous_probe",
)


def available() -> list[str]:
    """The figures of this checkout: the modules beside this one that measure something, in a reader's order."""
    found = {path.stem for path in Path(__file__).parent.glob("*.py")}
    return [name for name in ORDER if name in found]


def main() -> int:
    """Run the figures one after the other; exit 1 when one of them missed its bound."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*available(), []], help="figures to run (default: all)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    arguments = parser.parse_args()
    missed = []
    for name in arguments.names or available():
        started = time.monotonic()
        print(f"\n{name}", flush=True)
        command = [sys.executable, "-m", f"bench.{name}", *(["--quick"] if arguments.quick else [])]
        if subprocess.run(command, check=False).returncode:
            missed.append(name)
        print(f"  ({time.monotonic() - started:.0f} s)", flush=True)
    print("\n" + (f"missed: {', '.join(missed)}" if missed else "all bounds kept"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
