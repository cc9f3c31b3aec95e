export interface ClientVariant {
  readonly name: 'postgres' | 'postgres-joins' | 'mysql' | 'mysql-joins' | 'sqlite'
  readonly provider: 'postgresql' | 'mysql' | 'sqlite'
  readonly previewFeatures: readonly string[]
}
export declare const clientVariants: readonly ClientVariant[]
export declare function schemaFor(source: string, variant: ClientVariant, output: string): string
