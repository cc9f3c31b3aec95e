/** Why a schema text could not be understood. Never leaves the data-model folder: `readSchema` turns it into a value. */
export class SchemaProblem extends Error {
  override readonly name = 'SchemaProblem'
}
