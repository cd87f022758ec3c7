# One image for web, worker and command line: `tradepost` and a word of it.
FROM python:3.12-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/tradepost
WORKDIR /src
COPY requirements.lock ./
RUN /opt/tradepost/bin/pip install --no-deps --require-hashes --requirement requirements.lock
COPY . ./
RUN /opt/tradepost/bin/pip install --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /var/lib/tradepost tradepost \
    && install --directory --owner tradepost --group tradepost --mode 0700 /var/lib/tradepost
COPY --from=build /opt/tradepost /opt/tradepost
ENV PATH=/opt/tradepost/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/var/lib/tradepost
WORKDIR /var/lib/tradepost
USER 10001:10001
EXPOSE 8000
VOLUME /var/lib/tradepost
# For `serve`; a worker has no port (docker-compose.yml switches this off there). The image has no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/health/ready/\", timeout=4)"]
ENTRYPOINT ["tradepost"]
CMD ["serve"]
