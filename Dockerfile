# The importer in a container, as a user without rights. Lists and results are in /data:
#
#     docker build --tag vorel-import .
#     docker run --rm --user "$(id -u)" --volume "$PWD:/data" --env VOREL_API_KEY vorel-import \
#         run people.csv --mapping mapping.toml --yes
FROM python:3.13-slim AS build
COPY . /source
RUN python -m venv /opt/vorel && /opt/vorel/bin/pip install --no-cache-dir '/source[fleet]'

FROM python:3.13-slim
COPY --from=build /opt/vorel /opt/vorel
# Workers of a fleet keep copies of journals in /var/lib/vorel (docs/fleet/compose.yaml).
RUN useradd --uid 1000 vorel && install -d -o vorel -m 700 /data /var/lib/vorel
ENV PATH=/opt/vorel/bin:$PATH PYTHONUNBUFFERED=1
USER vorel
WORKDIR /data
ENTRYPOINT ["vorel-import"]
