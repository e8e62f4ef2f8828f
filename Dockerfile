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
RUN useradd --uid 10001 --create-home vorel && install -d -o vorel /data
USER vorel
WORKDIR /data
ENV PYTHONUNBUFFERED=1
ENTRYPOINT ["/opt/vorel/bin/vorel-import"]
