# One image for all our processes: `app`, `relay`, `projector`, and the one-shots `migrations`, `relay.topics`, `cli.main`.
# The servers' packages (embedded PostgreSQL, mongod, a JRE) stay out: they are for development.
FROM python:3.11-slim-bookworm AS build
RUN python -m venv /opt/lockstep
ENV PATH=/opt/lockstep/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements/runtime.lock /src/requirements/runtime.lock
RUN pip install --no-deps --require-hashes -r /src/requirements/runtime.lock
COPY . /src
RUN pip install --no-deps --no-build-isolation /src && pip uninstall --yes pip

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin lockstep
# where `lockstep describe` writes for the gateway: a volume laid over it takes its owner from here
RUN install --directory --owner=lockstep /described
COPY --from=build /opt/lockstep /opt/lockstep
ENV PATH=/opt/lockstep/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m"]
CMD ["app"]
