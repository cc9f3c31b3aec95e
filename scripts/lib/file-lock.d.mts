export declare function withFileLock<T>(
  file: string,
  work: () => Promise<T>,
  options?: { readonly patience?: number },
): Promise<T>
