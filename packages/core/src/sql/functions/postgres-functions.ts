/** PostgreSQL's built-in functions: pg_proc of versions 15 to 18 without type input, operator and index support. */

import type { BuiltinFunctions } from './builtin-functions.ts'
import { wordList } from './word-list.ts'

const types = `
  bit bool boolean box bpchar bytea char character cidr circle date datemultirange daterange dec decimal float float4
  float8 inet int int2 int4 int4multirange int4range int8 int8multirange int8range integer interval json jsonb line lseg
  macaddr macaddr8 money multirange name national nchar numeric nummultirange numrange oid path point polygon real
  smallint text time timestamp timestamptz timetz tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector uuid
  varbit varchar xid xml bigint`

const aggregates = `
  any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp cume_dist dense_rank
  every first_value grouping json_agg json_agg_strict json_arrayagg json_object_agg json_object_agg_strict
  json_object_agg_unique json_object_agg_unique_strict json_objectagg jsonb_agg jsonb_agg_strict jsonb_object_agg
  jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict lag last_value lead max min mode
  nth_value ntile percent_rank percentile_cont percentile_disc range_agg range_intersect_agg rank regr_avgx regr_avgy
  regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy row_number stddev stddev_pop stddev_samp
  string_agg sum var_pop var_samp variance xmlagg`

const numbers = `
  abs acos acosd acosh asin asind asinh atan atan2 atan2d atand atanh cbrt ceil ceiling cos cosd cosh cot cotd degrees
  div erf erfc exp factorial floor gamma gcd lcm lgamma ln log log10 min_scale mod pi pow power radians round scale sign
  sin sind sinh sqrt tan tand tanh trim_scale trunc width_bucket`

const strings = `
  ascii bit_count bit_length btrim casefold char_length character_length chr coalesce collation concat concat_ws
  convert convert_from convert_to crc32 crc32c decode encode format get_bit get_byte greatest initcap is_normalized
  least left length like lower lpad ltrim md5 normalize notlike nullif num_nonnulls num_nulls octet_length overlay
  parse_ident pg_column_size pg_size_bytes pg_size_pretty pg_typeof position quote_ident quote_literal quote_nullable regexp_count regexp_instr regexp_like
  regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr repeat replace
  reverse right rpad rtrim set_bit set_byte sha224 sha256 sha384 sha512 split_part starts_with string_to_array
  string_to_table strpos substr substring textlen to_ascii to_bin to_char to_date to_hex to_number to_oct to_timestamp
  translate trim unicode_assigned unistr upper`

const times = `
  age date_add date_bin date_part date_subtract date_trunc extract isfinite justify_days justify_hours justify_interval
  make_date make_interval make_time make_timestamp make_timestamptz overlaps timezone uuid_extract_timestamp
  uuid_extract_version`

const arraysAndRanges = `
  array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position array_positions
  array_prepend array_remove array_replace array_reverse array_sort array_to_string array_upper cardinality cast
  enum_first enum_last enum_range generate_series generate_subscripts isempty lower_inc lower_inf multirange
  range_merge trim_array unnest upper_inc upper_inf`

const json = `
  array_to_json json_array json_array_elements json_array_elements_text json_array_length json_build_array
  json_build_object json_each json_each_text json_exists json_extract_path json_extract_path_text json_object
  json_object_keys json_populate_record json_populate_recordset json_query json_scalar json_serialize json_strip_nulls
  json_table json_to_record json_to_recordset json_typeof json_value jsonb_array_elements jsonb_array_elements_text
  jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path
  jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_keys jsonb_path_exists jsonb_path_match
  jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_populate_record jsonb_populate_recordset
  jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof row_to_json
  to_json to_jsonb`

const textSearch = `
  array_to_tsvector json_to_tsvector jsonb_to_tsvector numnode phraseto_tsquery plainto_tsquery querytree setweight
  strip to_tsquery to_tsvector ts_delete ts_filter ts_headline ts_rank ts_rank_cd tsquery_phrase tsvector_to_array
  websearch_to_tsquery`

const geometryAndNetwork = `
  abbrev area broadcast center diagonal diameter family height host hostmask inet_merge inet_same_family isclosed
  ishorizontal isopen isparallel isperp isvertical macaddr8_set7bit masklen netmask network npoints pclose popen radius
  set_masklen slope text width`

const xml = `
  treat xml_is_well_formed xml_is_well_formed_content xml_is_well_formed_document xmlattributes xmlcomment xmlconcat
  xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable xmltext xpath xpath_exists`

const grouping = 'cube rollup operator row'

/** Functions that run a text as SQL (query_to_xml, ts_stat, ts_rewrite) are left out: what they read is not in the text. */
export const postgresFunctions: BuiltinFunctions = {
  pure: wordList(
    [
      types,
      aggregates,
      numbers,
      strings,
      times,
      arraysAndRanges,
      json,
      textSearch,
      geometryAndNetwork,
      xml,
      grouping,
    ].join(' '),
  ),
  impure: {
    'non-deterministic': wordList(`
      bernoulli clock_timestamp gen_random_uuid json_path_exists_tz jsonb_path_exists_tz jsonb_path_match_tz
      jsonb_path_query_array_tz jsonb_path_query_first_tz jsonb_path_query_tz now random random_normal
      statement_timestamp timeofday transaction_timestamp uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v1mc
      uuid_generate_v4 gen_random_bytes gen_salt mxid_age pg_is_in_recovery pg_postmaster_start_time
      pg_conf_load_time pg_last_xact_replay_timestamp`),
    'side-effect': wordList(`
      nextval setval setseed set_config loread lowrite pg_cancel_backend pg_notify pg_promote pg_reload_conf
      pg_rotate_logfile pg_sleep pg_sleep_for pg_sleep_until pg_switch_wal pg_terminate_backend txid_current
      pg_current_xact_id pg_export_snapshot`),
    'session-state': wordList(`
      currval lastval current_catalog current_database current_query current_role current_schema current_schemas
      current_setting current_user getpgusername inet_client_addr inet_client_port inet_server_addr inet_server_port
      pg_backend_pid pg_my_temp_schema session_user system_user txid_current_if_assigned txid_current_snapshot
      pg_current_snapshot version pg_client_encoding pg_encoding_to_char pg_char_to_encoding pg_blocking_pids
      pg_column_compression pg_database_size pg_describe_object pg_identify_object pg_indexes_size pg_relation_filenode
      pg_relation_filepath pg_relation_size pg_table_size pg_tablespace_size pg_total_relation_size col_description
      obj_description shobj_description format_type getdatabaseencoding row_security_active to_regclass to_regcollation
      to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure to_regrole to_regtype
      has_any_column_privilege has_column_privilege has_database_privilege has_foreign_data_wrapper_privilege
      has_function_privilege has_language_privilege has_parameter_privilege has_schema_privilege
      has_sequence_privilege has_server_privilege has_table_privilege has_tablespace_privilege has_type_privilege
      pg_has_role pg_listening_channels pg_notification_queue_usage`),
  },
  // Those with session-state read the catalog or counters of the server, which no table tag covers.
  impurePrefixes: {
    pg_advisory_: 'side-effect',
    pg_try_advisory_: 'side-effect',
    lo_: 'side-effect',
    pg_get_: 'session-state',
    pg_stat_get_: 'session-state',
  },
  clockBelow: { age: 2 },
  clockByValue: [],
  keywords: {
    'non-deterministic': wordList('current_date current_time current_timestamp localtime localtimestamp'),
    'session-state': wordList('current_catalog current_role current_schema current_user session_user system_user user'),
  },
}
