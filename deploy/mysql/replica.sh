# Sourced by the MySQL image on the first start of the replica: forget what this first start wrote, then follow the primary.
secrets=${SECRETS_FOLDER:-/run/secrets}
docker_process_sql <<SQL
RESET BINARY LOGS AND GTIDS;
CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'mysql', SOURCE_PORT = 3306, SOURCE_USER = 'replication', SOURCE_PASSWORD = '$(cat "$secrets/mysql_replication")', SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1;
SET PERSIST super_read_only = ON;
SQL
