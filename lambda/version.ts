import manifest from '../package.json' with { type: 'json' }

/** The version of this checkout, as `GET /` and `/health` show it. */
export const VERSION: string = manifest.version
