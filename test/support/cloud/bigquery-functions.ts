/**
 * What functions of GoogleSQL are on DuckDB, by the manual of BigQuery; test/dialect/bigquery-fake.test.ts compares them
 * with GoogleSQL's own evaluator. In a schema of their own, where no name of a user is in the way.
 */
export const BIGQUERY_MACROS = `
create schema if not exists bq;
create or replace macro bq.zoned_text(x) as
  case when length(x) between 24 and 25 then x[:-4] || repeat('0', 26 - length(x)) || '+00'
    when length(x) between 27 and 28 then x[:-4] || repeat('0', 29 - length(x)) || '+00' else x end;
create or replace macro bq.as_string(x) as case
  when typeof(x) like 'DECIMAL%' and contains(cast(x as varchar), '.') then rtrim(rtrim(cast(x as varchar), '0'), '.')
  when typeof(x) = 'DOUBLE' then regexp_replace(cast(x as varchar), '[.]0$', '')
  when typeof(x) = 'TIMESTAMP WITH TIME ZONE' then bq.zoned_text(cast(x as varchar))
  else cast(x as varchar) end;
create or replace macro bq.json_text(json) as array_to_string(list_transform(string_split(json, '\\\\'), lambda piece: replace(replace(replace(replace(replace(replace(replace(replace(replace(piece, '\\u000B', '\\u000b'), '\\u000E', '\\u000e'), '\\u000F', '\\u000f'), '\\u001A', '\\u001a'), '\\u001B', '\\u001b'), '\\u001C', '\\u001c'), '\\u001D', '\\u001d'), '\\u001E', '\\u001e'), '\\u001F', '\\u001f')), '\\\\');
create or replace macro bq.to_json_string(x) as case
  when x is null then 'null'
  when typeof(x) in ('BIGINT', 'HUGEINT') and not cast(x as varchar) between '' and '' and length(ltrim(cast(x as varchar), '-')) > 15
    then '"' || cast(x as varchar) || '"'
  when typeof(x) = 'DOUBLE' or typeof(x) like 'DECIMAL%' then bq.as_string(x)
  when typeof(x) = 'TIMESTAMP WITH TIME ZONE'
    then '"' || replace(replace(cast(x as varchar), ' ', 'T'), '+00', 'Z') || '"'
  when typeof(x) = 'VARCHAR' then bq.json_text(cast(to_json(x) as varchar))
  else cast(to_json(x) as varchar) end;
create or replace macro bq.json_value(x, path) as
  case when json_type(x) not in ('OBJECT', 'ARRAY') then json_extract_string(x, path) end;
create or replace macro bq.to_hex(x) as x;
create or replace macro bq.farm_fingerprint(x) as
  case when x is not null then cast(cast(hash(x) as hugeint) - 9223372036854775808 as bigint) end;
create or replace macro bq.regexp_contains(x, pattern) as regexp_matches(x, pattern || '|[^\\x00-\\x{10FFFF}]');
create or replace macro bq.regexp_replace(x, pattern, replacement) as regexp_replace(x, pattern, replacement, 'g');
create or replace macro bq.split(x, separator) as string_split(x, separator);
create or replace macro bq.format(form, x) as printf(form, x);
create or replace macro bq.format_timestamp(form, x, zone) as case form
  when '%E4Y-%m-%dT%H:%M:%E3SZ' then strftime(x at time zone zone, '%Y-%m-%dT%H:%M:%S.%gZ')
  else error('a form of format_timestamp that nobody has reviewed') end;
create or replace macro bq.format_date(form, x) as case form
  when '%E4Y-%m-%d' then cast(x as varchar)
  else error('a form of format_date that nobody has reviewed') end;
create or replace macro bq.datetime(x, zone) as x at time zone zone;
create or replace macro bq.to_timestamp(x, zone) as x at time zone zone;
create or replace macro bq.code_points_to_string(x) as list_aggregate(list_transform(x, lambda one: chr(one)), 'string_agg', '');
create or replace macro bq.edit_distance(a, b) as levenshtein(a, b);
create table if not exists bq.privileges (
  object_schema varchar, object_name varchar, object_type varchar, privilege_type varchar, grantee varchar);
create or replace macro bq.type_name(x) as case
  when x in ('VARCHAR') then 'STRING' when x in ('BIGINT', 'INTEGER', 'HUGEINT', 'SMALLINT') then 'INT64'
  when x in ('DOUBLE', 'FLOAT') then 'FLOAT64' when x = 'BOOLEAN' then 'BOOL'
  when x = 'TIMESTAMP WITH TIME ZONE' then 'TIMESTAMP' when x = 'TIMESTAMP' then 'DATETIME'
  when x like 'DECIMAL%' then 'NUMERIC' when x = 'BLOB' then 'BYTES' else x end`
