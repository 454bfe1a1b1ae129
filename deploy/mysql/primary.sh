# Sourced by the MySQL image on the first start of the primary. Nobody but the migration may change the schema.
secrets=${SECRETS_FOLDER:-/run/secrets}
docker_process_sql <<SQL
CREATE USER IF NOT EXISTS 'aisle_web'@'%' IDENTIFIED BY '$(cat "$secrets/mysql_web")';
CREATE USER IF NOT EXISTS 'aisle_worker'@'%' IDENTIFIED BY '$(cat "$secrets/mysql_worker")';
CREATE USER IF NOT EXISTS 'aisle_migrate'@'%' IDENTIFIED BY '$(cat "$secrets/mysql_migrate")';
CREATE USER IF NOT EXISTS 'replication'@'%' IDENTIFIED BY '$(cat "$secrets/mysql_replication")';
GRANT ALL ON aisle.* TO 'aisle_migrate'@'%' WITH GRANT OPTION;
GRANT REPLICATION SLAVE ON *.* TO 'replication'@'%';
SQL
