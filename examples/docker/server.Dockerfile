# The `uwsgi` image: Debian's Python and the server, without a site. In a checkout:
#
#     docker build --tag uwsgi --file examples/docker/server.Dockerfile .
FROM debian:12 AS build
COPY . /src
RUN cd /src && tools/install

FROM debian:12
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
        libbrotli1 libexpat1 libfmt9 libinih1 libpcre2-8-0 libspdlog1.10 libssl3 libuv1 libzstd1 zlib1g \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/uwsgi /usr/local/bin/uwsgi
