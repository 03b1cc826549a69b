#!/bin/bash
# Bakes the database of the ERP with a company in it; a layer of its own, since it takes a minute.
set -euo pipefail

postgres=/usr/lib/postgresql/17/bin
data=/var/lib/postgresql/17/main
settings=/opt/office/erp/trytond.conf
# Here `.test` is a real domain: the library that checks addresses has this switch for it.
sed -i 's/test_environment=Pool.test/test_environment=True/' \
    /usr/lib/python3/dist-packages/trytond/tools/email_.py
grep -q 'test_environment=True' /usr/lib/python3/dist-packages/trytond/tools/email_.py
mkdir -p /etc/office
openssl rand -hex 24 >/etc/office/erp.key
chown root:tryton /etc/office/erp.key
chmod 640 /etc/office/erp.key
ln -s /opt/office/erp /usr/lib/python3/dist-packages/trytond/modules/office
mkdir -p /run/postgresql && chown postgres /run/postgresql
s6-setuidgid postgres "$postgres/pg_ctl" -s -w -D "$data" start \
    -o "-c config_file=/etc/postgresql/17/main/postgresql.conf -c fsync=off" >/dev/null
s6-setuidgid postgres createuser -h /run/postgresql tryton
s6-setuidgid postgres createdb -h /run/postgresql --owner tryton acme
export TRYTONPASSFILE=/tmp/password HOME=/tmp PGHOST=/run/postgresql
openssl rand -hex 24 >"$TRYTONPASSFILE" # nobody signs in as the administrator
chmod 644 "$TRYTONPASSFILE"
cd /tmp
s6-setuidgid tryton trytond-admin -c "$settings" -d acme -u office --activate-dependencies \
    --email admin@acme.test
s6-setuidgid tryton python3 /opt/office/erp/defaults.py
s6-setuidgid postgres "$postgres/pg_ctl" -s -w -D "$data" stop
rm -rf "$TRYTONPASSFILE" /run/postgresql/.s*
