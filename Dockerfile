# Two stages: wheels are installed where pip is, and only the environment and the code go on.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir -r requirements.txt

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /app moksori && mkdir -p /data /audio && chown moksori /data
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY . .
USER moksori
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MOKSORI_HOST=0.0.0.0 \
    MOKSORI_DATA_DIR=/data \
    MOKSORI_CACHE_DIR=/data/cache \
    MOKSORI_DATABASE_URL=sqlite:////data/moksori.sqlite3 \
    MOKSORI_AUDIO_ROOT=/audio
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=15s --start-period=60s \
    CMD python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:5000/healthz', timeout=3)"
CMD ["gunicorn", "-c", "deploy/gunicorn.conf.py", "app:create_app()"]
