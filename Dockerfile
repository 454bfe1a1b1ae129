# One image for every role: web, live stock, workers, beat, Flower and the migration.
ARG NODE=node:24-bookworm-slim
ARG BASE=python:3.13-slim-bookworm

FROM ${NODE} AS front
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM ${BASE} AS packages
WORKDIR /build
# Not empty: with what OTEL_EXPORTER_OTLP_ENDPOINT needs (docs/operations.md, Traces).
ARG TRACING=
COPY requirements.lock requirements-tracing.lock ./
RUN python3 -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock ${TRACING:+-r requirements-tracing.lock}

FROM ${BASE}
ENV PYTHONUNBUFFERED=1 PATH=/venv/bin:$PATH
# A library of Debian stable: a pinned version would be gone from the mirrors with the next security fix.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 libzbar0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --no-create-home --uid 10001 aisle \
    && install -d -o aisle /aisle/var /aisle/var/metrics
COPY --from=packages /venv /venv
WORKDIR /aisle
COPY wsgi.py worker.py sse.py celeryconfig.py flowerconfig.py ./
COPY migrations migrations
COPY app app
COPY --from=front /src/app/static/dist app/static/dist
RUN pybabel -q compile -d app/translations && python3 -m compileall -q app
# By number: Kubernetes cannot tell from a name that it is not root.
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "16", "--respawn-failed-workers", "--workers-kill-timeout", "8", "wsgi:app"]
