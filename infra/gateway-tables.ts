import { RemovalPolicy } from 'aws-cdk-lib'
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'

/**
 * The operator's documents: a row per provider, model, setting and caller (the layout is `lambda/map/`'s).
 * The id is the operator's data: another id is another table, and the old one is lost from sight.
 */
export function createModelMap(scope: Construct, options: { readonly destroyData: boolean }): TableV2 {
  return new TableV2(scope, 'ModelMap', {
    partitionKey: { name: 'kind', type: AttributeType.STRING },
    sortKey: { name: 'name', type: AttributeType.STRING },
    billing: Billing.onDemand(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: !options.destroyData,
    removalPolicy: options.destroyData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
  })
}

/** Turns that run now, a row each, gone an hour later (`lambda/turn-table.ts`). Nothing in it is worth keeping. */
export function createRunningTurns(scope: Construct): TableV2 {
  return new TableV2(scope, 'RunningTurns', {
    partitionKey: { name: 'id', type: AttributeType.STRING },
    timeToLiveAttribute: 'expires_at',
    billing: Billing.onDemand(),
    removalPolicy: RemovalPolicy.DESTROY,
  })
}
