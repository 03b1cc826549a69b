#!/bin/bash
# Bakes everything into the image that is the same in every trial. Each service is stopped cleanly.
set -euo pipefail

running() { grep -qsx s6-supervise /proc/[0-9]*/comm; }
secret() { openssl rand -hex 24; }

certificates() {
    mkdir -p /etc/office /var/log/office /var/lib/office
    cd /etc/office
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7300 \
        -subj '/O=Acme/CN=Acme Office CA' -keyout ca.key -out ca.crt \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -subj '/O=Acme/CN=*.acme.test' -keyout office.key -out office.csr
    openssl x509 -req -in office.csr -CA ca.crt -CAkey ca.key -days 7300 -out office.crt \
        -extfile <(printf 'subjectAltName=DNS:*.acme.test,DNS:acme.test\nextendedKeyUsage=serverAuth\n')
    rm ca.key office.csr # nobody can sign another one
    chmod 644 office.crt ca.crt
    chmod 600 office.key
    cp ca.crt /usr/local/share/ca-certificates/office.crt
    update-ca-certificates
}

mail() {
    useradd --system --create-home --home-dir /var/vmail vmail
    find /var/vmail -mindepth 1 -delete
    cp -n /usr/share/postfix/master.cf.dist /etc/postfix/master.cf || true
    postconf -F '*/*/chroot=n'
    postconf -M submission/inet='submission inet n - n - - smtpd'
    touch /etc/office/people /etc/office/mailboxes
    postmap hash:/etc/office/mailboxes
    chown root:dovecot /etc/office/people
    chmod 640 /etc/office/people
    newaliases 2>/dev/null || true
    postfix set-permissions 2>/dev/null || true
    postfix check
}

groupware() {
    local postgres=/usr/lib/postgresql/17/bin data=/var/lib/postgresql/17/main
    mkdir -p /run/postgresql && chown postgres /run/postgresql
    s6-setuidgid postgres "$postgres/pg_ctl" -s -w -D "$data" start \
        -o "-c config_file=/etc/postgresql/17/main/postgresql.conf" >/dev/null
    psql -q -h /run/postgresql -U postgres <<'SQL'
create role sogo login;
create database sogo owner sogo;
\c sogo sogo
create table sogo_users (
    c_uid varchar(64) primary key, c_name varchar(64), c_password varchar(128),
    c_cn varchar(128), mail varchar(128), title varchar(128));
SQL
    s6-setuidgid postgres "$postgres/pg_ctl" -s -w -D "$data" stop
}

warehouse() {
    local home=/var/lib/warehouse
    useradd --system --home-dir "$home" --create-home --skel /dev/null warehouse
    install -o warehouse -m 600 /etc/office/office.key "$home/office.key"
    install -d -o warehouse /run/warehouse
    # A login begins with a letter: nobody's is that of the superuser, or of the group of all people.
    s6-setuidgid warehouse /usr/lib/postgresql/17/bin/initdb -D "$home/data" -U _office \
        --auth=trust --encoding=UTF8 --locale=C.UTF-8 --wal-segsize=1 --no-instructions >/dev/null
    sh /opt/office/services/warehouse/run &
    for _ in {1..100}; do pg_isready -q -h /run/warehouse && break; sleep 0.1; done
    psql -q -h /run/warehouse -U _office postgres <<'SQL'
create role _staff nologin;
create database warehouse;
\c warehouse
create schema scratch;
comment on schema scratch is 'Tables and views of your own; everybody reads them.';
grant usage, create on schema scratch to _staff;
revoke temporary on database postgres from public;
SQL
    kill "$!"
    wait "$!"
}

tracker() {
    secret >/etc/office/tracker.key
    chown root:www-data /etc/office/tracker.key
    chmod 640 /etc/office/tracker.key
    ln -s /opt/office/tracker /usr/share/redmine/instances/default/plugins/office
    mkdir -p /var/cache/redmine
    chown -R www-data /var/lib/redmine /var/log/redmine /var/cache/redmine \
        /var/lib/dbconfig-common/sqlite3/redmine /etc/redmine
    cd /usr/share/redmine
    # Each part of it is loaded when first needed: ready half a second sooner.
    sed -i 's/config.eager_load = true/config.eager_load = false/' config/environments/production.rb
    # Of two libraries for the same, each page complained that they are two.
    sed -i "/'jquery_ujs.js',/d" app/helpers/application_helper.rb
    export X_DEBIAN_SITEID=default RAILS_ENV=production HOME=/tmp
    s6-setuidgid www-data bundle exec rails runner /opt/office/tracker/defaults.rb
}

chat() {
    useradd --system --home-dir /var/lib/synapse --create-home synapse
    cd /etc/synapse
    local token
    token=$(secret)
    echo "$token" >/etc/office/chat.token
    printf 'macaroon_secret_key: %s\nform_secret: %s\nregistration_shared_secret: %s\n' \
        "$(secret)" "$(secret)" "$(secret)" >secrets.yaml
    printf '%s\n' 'id: office' 'url: null' "as_token: $token" "hs_token: $(secret)" \
        'sender_localpart: office' 'rate_limited: false' \
        "namespaces: {users: [{exclusive: false, regex: '@.*'}]," \
        "  aliases: [{exclusive: false, regex: '#.*'}]}" >office.yaml
    /opt/venv/bin/generate_signing_key -o /var/lib/synapse/signing.key
    chown -R synapse:synapse /etc/synapse /var/lib/synapse
    chmod 600 /etc/office/chat.token secrets.yaml office.yaml
}

files() {
    install -d -o www-data -g www-data /srv/files
}

forge() {
    local packages=/usr/lib/python3/dist-packages/pagure
    secret >/etc/office/forge.key
    chown root:_pagure /etc/office/forge.key
    chmod 640 /etc/office/forge.key
    # Headers come as bytes; a password may hold a colon.
    sed -i -e 's/= header\[1\]$/= header[1].decode("latin-1")/' \
        -e 's/info\.split(":")/info.split(":", 1)/' "$packages/ui/clone.py"
    python3 -m compileall -q "$packages/ui/clone.py"
    ln -sf /opt/office/office/forge_hook.py "$packages/hooks/files/hookrunner"
    chmod 755 /opt/office/office/forge_hook.py
    # Debian's scripts are not the ones that its pages expect.
    local scripts=/usr/share/javascript vendor=/usr/share/pagure/static/vendor
    rm "$vendor/selectize/selectize.min.js" "$vendor/lazyload/lazyload.min.js"
    cat "$scripts"/{sifter.js/sifter,microplugin.js/microplugin,selectize.js/selectize}.min.js \
        >"$vendor/selectize/selectize.min.js"
    echo 'window.lazyload = () => document.querySelectorAll("img.lazyload[data-src]")' \
        '.forEach((image) => { image.src = image.dataset.src; });' >"$vendor/lazyload/lazyload.min.js"
    for folder in repositories remotes attachments releases .ssh; do
        install -d -o _pagure -g _pagure "/var/lib/pagure/$folder"
    done
    cd /tmp
    HOME=/var/lib/pagure PAGURE_CONFIG=/etc/pagure/pagure.cfg \
        s6-setuidgid _pagure python3 /usr/share/pagure/createdb.py -i /etc/pagure/alembic.ini \
        >/dev/null
    sqlite3 /var/lib/pagure/pagure.sqlite 'pragma journal_mode = wal'
}

# Everything is started once: caches get warm, databases their tables; then stopped and checkpointed.
rehearsal() {
    chmod 755 /opt/office/services/*/run
    OFFICE_PATIENCE=600 PYTHONPATH=/opt/office python3 -m office boot \
        <<<'["mail", "calendar", "tracker", "chat", "files", "forge", "database", "erp"]'
    PYTHONPATH=/opt/office python3 -c 'from office import chat, erp, tracker
chat.settle_in()
tracker.collect()
erp.collect()'
    # The account that the office speaks through is the server's administrator.
    sqlite3 -cmd '.timeout 20000' /var/lib/synapse/homeserver.db \
        "update users set admin = 1 where name = '@office:acme.test'"
    s6-svscanctl -t /run/service
    for _ in {1..300}; do running || break; sleep 0.1; done
    if running; then return 1; fi
    sqlite3 /var/lib/synapse/homeserver.db 'pragma wal_checkpoint(truncate)' >/dev/null
    sqlite3 /var/lib/pagure/pagure.sqlite 'pragma wal_checkpoint(truncate)' >/dev/null
    test ! -e /var/lib/postgresql/17/main/postmaster.pid
    test ! -e /var/lib/warehouse/data/postmaster.pid
    rm -rf /run/service /run/office /run/sogo /run/postgresql/.s* /run/warehouse /run/dovecot /var/vmail/*
}

steps=(certificates mail groupware warehouse tracker chat files forge rehearsal)
for step in "${@:-${steps[@]}}"; do "$step"; done
rm -rf /tmp/* /var/log/office/*
