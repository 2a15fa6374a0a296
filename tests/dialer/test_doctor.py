"""What is said of an Asterisk that cannot be reached, and of settings that can never reach one."""

import shutil
from pathlib import Path

import pytest

from core.asterisk.errors import AsteriskCertificateHostError
from core.clock import SteppedClock
from core.dialer import connection
from core.dialer.doctor import findings
from core.errors import SettingsError
from core.services import open_services
from core.settings import load_settings
from core.store import commands


def test_the_doctor_gives_the_reason_and_what_to_do(tmp_path: Path, clock: SteppedClock, migrated_file: Path) -> None:
    shutil.copy(migrated_file, tmp_path / "state.db")
    services = open_services(load_settings({"data_dir": tmp_path, "ari_http_url": "https://pbx.example.com"}), clock)
    (unheard,) = findings(services)
    assert unheard.message("en") == "Asterisk at pbx.example.com is not connected, so nothing is dialed"
    error = commands.describe(AsteriskCertificateHostError(host="pbx.example.com"))
    with services.database.write() as session:
        connection.publish(session, connection.DOWN, clock.now(), error=error)
    (found,) = findings(services)
    said = "No se marca: El certificado de Asterisk es para otro nombre que pbx.example.com."
    assert (found.level, found.message("es")) == ("warning", said)
    assert "ARI_HTTP_URL" in found.remedy("es")
    services.database.close()


def test_a_certificate_that_is_none_is_refused_at_the_start(tmp_path: Path) -> None:
    settings = {
        "data_dir": tmp_path,
        "ari_http_url": "https://pbx.example.com",
        "ari_ca": "-----BEGIN CERTIFICATE-----",
    }
    with pytest.raises(SettingsError, match="ARI_CA"):
        load_settings(settings)
