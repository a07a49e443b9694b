/** An identity that the local stand-ins for AWS know, with the credentials it signs with. */
export interface AwsIdentity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly account: string
  readonly arn: string
  readonly userId: string
  readonly organization?: string
}

/** Made up, in the shape of AWS's own examples. */
export const ALICE: AwsIdentity = {
  accessKeyId: 'ASIAEXAMPLEALICE0001',
  secretAccessKey: 'secret-of-alice-for-tests-only',
  sessionToken: 'session/token+of=alice',
  account: '111122223333',
  arn: 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developers_0123456789abcdef/alice@example.com',
  userId: 'AROAEXAMPLE:alice@example.com',
  organization: 'o-example1234',
}

export const MALLORY: AwsIdentity = {
  accessKeyId: 'AKIAEXAMPLEMALLORY01',
  secretAccessKey: 'secret-of-mallory-for-tests-only',
  account: '999988887777',
  arn: 'arn:aws:iam::999988887777:user/mallory',
  userId: 'AIDAEXAMPLE',
}
