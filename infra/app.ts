import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { BUNDLE_FOLDER, bundleGateway } from './bundle.ts'
import { GatewayStack } from './gateway-stack.ts'
import { readStackSettings } from './stack-settings.ts'

/** The CDK app: `cdk.json` runs it with Node 24 as it is. */
const app = new App()
Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
const stackName: unknown = app.node.tryGetContext('stackName')
try {
  const settings = readStackSettings(app.node)
  await bundleGateway()
  new GatewayStack(app, typeof stackName === 'string' ? stackName : 'MessagesLambda', {
    settings,
    bundleFolder: BUNDLE_FOLDER,
  })
} catch (error) {
  // A stack trace would bury the one line that says what to do.
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
