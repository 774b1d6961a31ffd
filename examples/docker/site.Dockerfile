# A site on top of the `uwsgi` image. In the site's folder:
#
#     docker build --tag site --file /path/to/site.Dockerfile .
FROM uwsgi
WORKDIR /srv/site
RUN python3 -m venv .venv
RUN .venv/bin/pip install flask
COPY app.py .
USER www-data
EXPOSE 8000
# The server is the container's first process: `docker stop` ends it gracefully, and it logs to
# standard error.
CMD ["uwsgi", "--http", ":8000", "--home", ".venv", "--module", "app:app", "--threads", "8"]
