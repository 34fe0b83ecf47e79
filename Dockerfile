# Two stages: wheels are installed where pip is, and only the environment and the code go on.
# One image for every role: the server by default, `python -m scripts.worker` for workers and beat.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.txt requirements-queue.txt ./
RUN python -m venv /opt/venv && \
    /opt/venv/bin/pip install --no-cache-dir -r requirements.txt -r requirements-queue.txt

FROM python:3.11-slim
# The folders exist and belong to the user, so that fresh volumes mounted there can be written by it.
RUN groupadd --system --gid 10001 moksori && \
    useradd --system --uid 10001 --gid 10001 --home-dir /app moksori && \
    mkdir -p /data /cache /audio && \
    chown moksori:moksori /data /cache
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
# Named one by one: an .env file or a database that lies beside the code must never become a layer.
COPY app.py LICENSE ./
COPY api api
COPY core core
COPY db db
COPY models models
COPY pipeline pipeline
COPY samples samples
COPY scripts scripts
COPY service service
COPY wiring wiring
COPY deploy/gunicorn.conf.py deploy/
USER moksori
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MOKSORI_HOST=0.0.0.0 \
    MOKSORI_DATA_DIR=/data \
    MOKSORI_CACHE_DIR=/cache \
    MOKSORI_DATABASE_URL=sqlite:////data/moksori.sqlite3 \
    MOKSORI_AUDIO_ROOT=/audio
VOLUME ["/data", "/cache"]
EXPOSE 5000
HEALTHCHECK --interval=15s --start-period=60s \
    CMD python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:5000/healthz', timeout=3)"
CMD ["gunicorn", "-c", "deploy/gunicorn.conf.py", "app:create_app()"]
