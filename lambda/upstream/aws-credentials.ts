/** The process's own AWS credentials, fresh at each call. */
export type AwsCredentialSource = () => Promise<{
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}>

let chain: AwsCredentialSource | undefined

/**
 * Lambda puts its role's credentials into the environment; a laptop may have them anywhere the AWS CLI looks. The
 * chain is loaded only there: it costs an import that no function needs.
 */
export const awsCredentials: AwsCredentialSource = async () => {
  const accessKeyId = process.env['AWS_ACCESS_KEY_ID']
  const secretAccessKey = process.env['AWS_SECRET_ACCESS_KEY']
  if (accessKeyId && secretAccessKey) {
    const sessionToken = process.env['AWS_SESSION_TOKEN']
    return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
  }
  if (!chain) {
    const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers')
    // The chain keeps what it found until shortly before it expires.
    chain = fromNodeProviderChain()
  }
  return chain()
}
