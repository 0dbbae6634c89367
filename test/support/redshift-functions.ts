/** Perl's ways to write a character, the end and the edge of a word, as PostgreSQL has them. */
const REGEXP_COUNT = `create function redshift.are_of(perl text) returns text
language plpgsql immutable strict set standard_conforming_strings = on as $f$
declare
  hex text;
  are text := perl;
begin
  loop
    hex := (pg_catalog.regexp_match(are, '\\\\x\\{([0-9a-f]+)\\}'))[1];
    exit when hex is null;
    are := replace(are, '\\x{' || hex || '}', '\\U' || lpad(hex, 8, '0'));
  end loop;
  return replace(replace(replace(are, '\\z', '\\Z'), '\\b', '\\y'), '\\B', '\\Y');
end $f$;
create function redshift.regexp_count(x text, pattern text, start int, flags text) returns int
language sql immutable as $f$
  select case when flags = 'p' then pg_catalog.regexp_count(x collate "C", redshift.are_of(pattern), start) end $f$;`

/** FNV-1a over the bytes of a value, from a seed on; an integer's bytes begin with the least. */
const FNV = `create function redshift.fnv_bytes(bytes bytea, seed bigint) returns bigint language plpgsql immutable strict as $f$
declare
  two64 numeric := 18446744073709551616;
  hash numeric := case when seed < 0 then seed + two64 else seed end;
  low int;
begin
  for i in 0 .. octet_length(bytes) - 1 loop
    low := mod(hash, 256)::int;
    hash := mod((hash - low + (low # get_byte(bytes, i))) * 1099511628211, two64);
  end loop;
  return case when hash >= two64 / 2 then hash - two64 else hash end;
end $f$;
${[
  ['text', "convert_to(x, 'UTF8')"],
  ['bigint', 'redshift.backwards(int8send(x))'],
  ['integer', 'redshift.backwards(int4send(x))'],
  ['smallint', 'redshift.backwards(int2send(x))'],
  ['boolean', 'boolsend(x)'],
  ['double precision', 'redshift.backwards(float8send(x))'],
  ['timestamp', 'redshift.backwards(timestamp_send(x))'],
  ['date', 'redshift.backwards(date_send(x))'],
]
  .map(
    ([type, bytes]) =>
      `create function redshift.fnv_hash(x ${type}, seed bigint default -3750763034362895579) returns bigint
language sql immutable as $f$ select redshift.fnv_bytes(${bytes}, seed) $f$;`,
  )
  .join('\n')}`

/** What is printed as `listagg(text, separator) within group (order by ...)`, with Redshift's limit on what it makes. */
const LISTAGG = `create function redshift.within_limit(x text) returns text language plpgsql immutable as $f$ begin
  if octet_length(x) > 65535 then raise exception 'Result size exceeds LISTAGG limit' using errcode = 'XX000'; end if;
  return x;
end $f$;
create function redshift.joined(so_far text, x text, separator text) returns text language sql immutable as $f$
  select case when so_far is null then x when x is null then so_far else so_far || separator || x end $f$;
create aggregate redshift.listagg(text, text) (
  sfunc = redshift.joined, stype = text, finalfunc = redshift.within_limit
);`

/** The functions and views that Redshift has otherwise than PostgreSQL, or alone, as its manual tells them. */
export const REDSHIFT_FUNCTIONS = `create schema redshift;
create function redshift.version() returns text language sql immutable as $f$
  select 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.123456' $f$;
${LISTAGG}
create function redshift.backwards(x bytea) returns bytea language sql immutable strict as $f$
  select decode(string_agg(lpad(to_hex(get_byte(x, i)), 2, '0'), '' order by i desc), 'hex')
  from generate_series(0, octet_length(x) - 1) as i $f$;
${FNV}
${REGEXP_COUNT}
create function redshift.regexp_replace(x text, pattern text, replacement text) returns text
language sql immutable strict as $f$ select pg_catalog.regexp_replace(x, pattern, replacement, 'g') $f$;
create function redshift.split_part(x text, separator text, place int) returns text
language plpgsql immutable strict as $f$ begin
  if place < 1 then raise exception 'field position must be greater than zero'; end if;
  return pg_catalog.split_part(x, separator, place);
end $f$;
create function redshift.sha2(x text, bits int) returns text language sql immutable strict as $f$
  select encode(sha256(convert_to(x, 'UTF8')), 'hex') $f$;
create function redshift.getdate() returns timestamp language sql stable as $f$
  select date_trunc('second', statement_timestamp() at time zone 'UTC') $f$;
create function redshift.convert_timezone(source text, target text, x timestamp) returns timestamp
language sql stable strict as $f$ select x at time zone source at time zone target $f$;
create function redshift.dateadd(part text, count int, x timestamp) returns timestamp
language sql immutable strict as $f$ select x + cast(count || ' ' || part as interval) $f$;
create aggregate redshift.min(boolean) (sfunc = booland_statefunc, stype = boolean);
create aggregate redshift.max(boolean) (sfunc = boolor_statefunc, stype = boolean);
create view redshift.svv_relation_privileges as
  select table_schema as namespace_name, table_name as relation_name, privilege_type, grantee as identity_name,
    case when grantee = 'PUBLIC' then 'public' else 'user' end as identity_type, is_grantable = 'YES' as admin_option
  from information_schema.role_table_grants;
create function redshift.json_serialize(x json) returns text language sql immutable strict as $f$
  select cast(x as text) $f$`
