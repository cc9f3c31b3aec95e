export declare const handWritten: string
export declare function tablesByDialect(): Promise<Readonly<Record<'postgres' | 'sqlite', string>>>
