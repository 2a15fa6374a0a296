"""All jobs of the sidecar, in the order the Jobs page shows them; a new job is one file and one line here."""

from types import ModuleType

from jobs import (
    audit_escalation,
    audit_verify,
    backup,
    catch_up_summaries,
    compact_calls,
    detect,
    dial_calls,
    escalate_tickets,
    explain,
    forecast,
    import_upload,
    ingest,
    make_reports,
    poll_settings,
    predict_breaches,
    preview_detection,
    process_recordings,
    prune_history,
    prune_outbox,
    read_messages,
    rebuild_journeys,
    refresh_tokens,
    remind_visits,
    rescan,
    respond,
    retain_calls,
    roll_up_calls,
    run_number_tests,
    score_risk,
    send_outbox,
    sync_directory,
    translate_summary,
    translate_transcript,
    user_day_outliers,
)
from jobs.registry import Job

MODULES: tuple[ModuleType, ...] = (
    ingest,
    sync_directory,
    refresh_tokens,
    rescan,
    roll_up_calls,
    rebuild_journeys,
    detect,
    score_risk,
    forecast,
    poll_settings,
    process_recordings,
    catch_up_summaries,
    translate_summary,
    translate_transcript,
    respond,
    explain,
    escalate_tickets,
    audit_escalation,
    predict_breaches,
    make_reports,
    remind_visits,
    send_outbox,
    dial_calls,
    run_number_tests,
    compact_calls,
    retain_calls,
    import_upload,
    preview_detection,
    read_messages,
    user_day_outliers,
    backup,
    audit_verify,
    prune_history,
    prune_outbox,
)


def _jobs_of(module: ModuleType) -> list[Job]:
    return [value for value in vars(module).values() if isinstance(value, Job)]


JOBS: tuple[Job, ...] = tuple(job for module in MODULES for job in _jobs_of(module))
