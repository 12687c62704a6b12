# The image of the shop: `docker build -t karima_store_backend:v1.0.0 .`
#
# PYTHON_IMAGE pins the base by its digest: --build-arg PYTHON_IMAGE=...@sha256:...
ARG PYTHON_IMAGE=docker.io/library/python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv --without-pip /opt/venv
# requirements-otel.txt brings OpenTelemetry along: --build-arg REQUIREMENTS=...
ARG REQUIREMENTS=requirements.txt
COPY ${REQUIREMENTS} /tmp/requirements.txt
# Wheels only: nothing of a package is run while it is built.
RUN pip --python /opt/venv/bin/python install --require-hashes --only-binary :all: \
    -r /tmp/requirements.txt
WORKDIR /app
COPY . .
# The root file system is read-only later: what is made once is made here.
RUN DJANGO_SETTINGS_MODULE=karima.settings.base /opt/venv/bin/python manage.py \
        collectstatic --noinput \
    && python -m compileall -q . \
    # What is collected has the permissions of uploads, which others may not read.
    && chmod -R u=rwX,go=rX .


FROM ${PYTHON_IMAGE}
RUN python -m pip uninstall --quiet --yes --root-user-action ignore pip \
    && useradd --system --uid 10001 --user-group --no-create-home karima \
    && install -d /app /app/.data \
    && install -d -o karima -g karima /app/media /app/.data/private
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
# Both belong to root: the shop cannot change its own code.
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /app /app
WORKDIR /app
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=3 \
    CMD ["python", "deploy/healthcheck.py"]
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py"]
# Last, so that a new version changes no layer.
ARG VERSION=dev
ARG REVISION=unknown
ENV VERSION=${VERSION}
LABEL org.opencontainers.image.title="Karima Store" \
    org.opencontainers.image.description="Back end of a shop for modest fashion" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
