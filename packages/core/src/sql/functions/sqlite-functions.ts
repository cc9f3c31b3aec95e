/** SQLite's built-in functions: core, aggregate, window, date, math, JSON and FTS5, by their pages in its documentation. */

import type { BuiltinFunctions } from './builtin-functions.ts'
import { wordList } from './word-list.ts'

const core = `
  abs cast char coalesce concat concat_ws format glob hex if ifnull iif instr length like likelihood likely lower ltrim
  max min nullif octet_length printf quote raise replace round rtrim sign soundex substr substring trim typeof unhex
  unicode unistr unistr_quote unlikely upper zeroblob subtype`

const aggregates = `
  avg count cume_dist dense_rank first_value group_concat lag last_value lead median nth_value ntile percent_rank
  percentile percentile_cont percentile_disc rank row_number string_agg sum total`

const math = `
  acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow power
  radians sin sinh sqrt tan tanh trunc`

const times = 'date datetime julianday strftime time timediff unixepoch'

const json = `
  json json_array json_array_insert json_array_length json_each json_error_position json_extract json_group_array
  json_group_object json_insert json_object json_patch json_pretty json_quote json_remove json_replace json_set json_tree
  json_type json_valid jsonb jsonb_array jsonb_array_insert jsonb_each jsonb_extract jsonb_group_array
  jsonb_group_object jsonb_insert jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set jsonb_tree generate_series`

const fullText = 'bm25 highlight snippet'

const vectors = 'vector vector32 vector64 vector_distance_cos vector_distance_l2 vector_extract'

export const sqliteFunctions: BuiltinFunctions = {
  pure: wordList([core, aggregates, math, times, json, fullText, vectors].join(' ')),
  impure: {
    'non-deterministic': wordList('current_date current_time current_timestamp random randomblob'),
    'side-effect': wordList('load_extension'),
    'session-state': wordList(`
      changes last_insert_rowid sqlite_compileoption_get sqlite_compileoption_used sqlite_offset sqlite_source_id
      sqlite_version total_changes`),
  },
  impurePrefixes: {},
  clockBelow: { date: 1, datetime: 1, julianday: 1, strftime: 2, time: 1, unixepoch: 1 },
  clockByValue: wordList('date datetime julianday strftime time timediff unixepoch'),
  keywords: { 'non-deterministic': wordList('current_date current_time current_timestamp') },
}
