/** Built-in functions of MySQL 8 and MariaDB 10/11, by their manuals' function references. */

import type { BuiltinFunctions } from './builtin-functions.ts'
import { wordList } from './word-list.ts'

const types = `
  bigint binary blob char character date dec decimal double float int integer mediumint numeric real smallint time
  timestamp tinyint varbinary varchar year`

const aggregates = `
  any_value avg bit_and bit_or bit_xor count cume_dist dense_rank first_value group_concat grouping
  json_arrayagg json_objectagg lag last_value lead max median min nth_value ntile percent_rank percentile_cont
  percentile_disc rank row_number std stddev stddev_pop stddev_samp sum var_pop var_samp variance`

const numbers = `
  abs acos asin atan atan2 ceil ceiling conv cos cot crc32 crc32c degrees div exp floor format greatest least ln log log10
  log2 mod oct pi pow power radians round sign sin sqrt tan truncate`

const strings = `
  aes_decrypt aes_encrypt ascii bin bin_to_uuid bit_count bit_length cast char_length character_length charset chr
  coalesce coercibility collation column_get compress concat concat_ws convert decode default elt encode export_set
  extractvalue field find_in_set format_bytes from_base64 hex if ifnull inet6_aton inet6_ntoa inet_aton inet_ntoa insert
  instr interval is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6 is_uuid isnull lcase left length lengthb locate lower lpad
  ltrim make_set match md5 mid natural_sort_key nullif nvl nvl2 octet_length old_password ord password position quote
  regexp_instr regexp_like regexp_replace regexp_substr repeat replace reverse right row rpad rtrim sformat sha sha1 sha2
  soundex space strcmp substr substring substring_index to_base64 to_char trim ucase uncompress uncompressed_length unhex
  updatexml upper uuid_to_bin value values weight_string`

const times = `
  adddate addtime convert_tz date_add date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear extract
  from_days from_unixtime get_format hour last_day makedate maketime microsecond minute month monthname period_add
  period_diff quarter sec_to_time second str_to_date subdate subtime time_format time_to_sec timediff timestampadd
  timestampdiff to_days to_seconds unix_timestamp week weekday weekofyear yearweek add_months`

const json = `
  json_array json_array_append json_array_insert json_compact json_contains json_contains_path json_depth json_detailed
  json_equals json_exists json_extract json_insert json_keys json_length json_loose json_merge json_merge_patch
  json_merge_preserve json_normalize json_object json_overlaps json_pretty json_query json_quote json_remove
  json_replace json_schema_valid json_schema_validation_report json_search json_set json_storage_size json_table json_type
  json_unquote json_valid json_value`

const geometry = `
  geomcollection geometrycollection linestring mbrcontains mbrcoveredby mbrcovers mbrdisjoint mbrequals mbrintersects
  mbroverlaps mbrtouches mbrwithin multilinestring multipoint multipolygon point polygon st_area st_asbinary st_asgeojson
  st_astext st_aswkb st_aswkt st_buffer st_centroid st_collect st_contains st_convexhull st_crosses st_difference
  st_dimension st_disjoint st_distance st_distance_sphere st_endpoint st_envelope st_equals st_exteriorring st_geohash
  st_geomcollfromtext st_geometryn st_geometrytype st_geomfromgeojson st_geomfromtext st_geomfromwkb st_interiorringn
  st_intersection st_intersects st_isclosed st_isempty st_issimple st_isvalid st_latfromgeohash st_latitude st_length
  st_linefromtext st_longfromgeohash st_longitude st_makeenvelope st_numgeometries st_numinteriorring st_numpoints
  st_overlaps st_pointfromgeohash st_pointfromtext st_pointn st_polyfromtext st_simplify st_srid st_startpoint
  st_swapxy st_symdifference st_touches st_transform st_union st_validate st_within st_x st_y`

const vectors =
  'string_to_vector to_vector vector_dim vector_to_string vec_distance vec_distance_cosine vec_distance_euclidean vec_fromtext vec_totext'

const grouping = 'rollup cube'

export const mysqlFunctions: BuiltinFunctions = {
  pure: wordList([types, aggregates, numbers, strings, times, json, geometry, vectors, grouping].join(' ')),
  impure: {
    'non-deterministic': wordList(`
      curdate current_date current_time current_timestamp curtime encrypt load_file localtime localtimestamp now
      rand random_bytes sys_guid sysdate utc_date utc_time utc_timestamp uuid uuid_short uuid_v4 uuid_v7`),
    'side-effect': wordList(`
      benchmark get_lock is_free_lock is_used_lock lastval master_gtid_wait master_pos_wait nextval release_all_locks
      release_lock setval sleep source_pos_wait wait_for_executed_gtid_set`),
    'session-state': wordList(`
      connection_id current_role current_user database found_rows icu_version last_insert_id ps_current_thread_id
      ps_thread_id roles_graphml row_count schema session_user system_user user version`),
  },
  impurePrefixes: {},
  clockBelow: { unix_timestamp: 1 },
  clockByValue: [],
  keywords: {
    'non-deterministic': wordList(
      'current_date current_time current_timestamp localtime localtimestamp utc_date utc_time utc_timestamp',
    ),
    'session-state': wordList('current_user current_role'),
  },
}
