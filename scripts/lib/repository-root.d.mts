export declare const repositoryRoot: string
