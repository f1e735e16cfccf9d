#!/bin/sh
# Runs once, when the database is made: the login of the application, which owns nothing and may not go around
# row-level security. The migrations let it act under the application's roles.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set password="$(cat /run/secrets/database-password)" <<'SQL'
create role proviso login nosuperuser nobypassrls password :'password';
SQL
