export declare function checkNode(version?: string): string
export declare function ensureInstalled(options?: { readonly root?: string }): Promise<'up to date' | 'installed'>
