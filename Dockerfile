# One image, three commands: web (default), sidecar (`python -m jobs`), pretend cloud (`python -m core.sandbox`).
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin tollwatch \
    && mkdir -p /data && chown tollwatch /data
COPY --from=build /venv /venv
WORKDIR /app
COPY app.py ./
COPY .streamlit .streamlit
COPY pages pages
COPY core core
COPY jobs jobs
COPY data/reference data/reference
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data PORT=8501
USER tollwatch
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as u; assert b'ok' in u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4).read()"]
CMD ["python", "-m", "jobs", "web"]
