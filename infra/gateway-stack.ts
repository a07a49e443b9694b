import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib'
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  type FunctionUrl,
  InvokeMode,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { grantAccess, toAccessEnvironment, toAuthType } from './access-grants.ts'
import { Alarms } from './alarms.ts'
import { createFunctionRole, type FunctionResources } from './function-role.ts'
import { createModelMap, createRunningTurns } from './gateway-tables.ts'
import type { StackSettings } from './stack-settings.ts'

export interface GatewayStackProps extends StackProps {
  readonly settings: StackSettings
  /** Folder with `index.mjs`, made by `bundleGateway`. */
  readonly bundleFolder: string
}

/**
 * The whole of the gateway in AWS: one function behind one URL, the model map, the provider keys, the log.
 * The command line finds it by the outputs `FunctionUrl`, `TableName`, `SecretArn`, `AccessMode`, `FunctionName`.
 */
export class GatewayStack extends Stack {
  readonly #settings: StackSettings

  constructor(scope: Construct, id: string, { settings, bundleFolder, ...props }: GatewayStackProps) {
    super(scope, id, {
      description: 'Messages Lambda: Anthropic Messages API in, any model provider behind it',
      ...props,
    })
    this.#settings = settings
    const resources = {
      modelMap: createModelMap(this, settings),
      providerKeys: this.#createProviderKeys(),
      logGroup: this.#createLog(),
      ...(settings.endAbandonedTurns ? { runningTurns: createRunningTurns(this) } : {}),
    }
    const gateway = this.#createFunction(resources, bundleFolder)
    const url = gateway.addFunctionUrl({
      authType: toAuthType(settings),
      invokeMode: InvokeMode.RESPONSE_STREAM,
    })
    grantAccess(url, settings)
    if (settings.alarms || settings.alarmTopic !== undefined) {
      new Alarms(this, 'Alarms', { gateway, timeout: this.#timeout, topic: settings.alarmTopic })
    }
    this.#addOutputs(gateway, url, resources)
  }

  get #timeout(): Duration {
    return Duration.minutes(this.#settings.timeout)
  }

  /** The operator's map, keys and log outlive the stack unless `-c destroyData=true` says otherwise. */
  get #removalPolicy(): RemovalPolicy {
    return this.#settings.destroyData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN
  }

  /**
   * Starts as an empty object, filled by `messages-lambda keys set`. CloudFormation writes the value again only when
   * it changes in the template, so this constant never overwrites the operator's keys. Nor may the id change:
   * another id is another, empty secret.
   */
  #createProviderKeys(): Secret {
    const secret = new Secret(this, 'ProviderKeys', {
      description: 'Provider keys of Messages Lambda: one JSON object, a field per provider.',
      secretObjectValue: {},
      removalPolicy: this.#removalPolicy,
    })
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions::AwsSolutions-SMG4',
      reason:
        'The keys belong to model providers, which AWS cannot rotate. The operator does: messages-lambda keys set.',
    })
    return secret
  }

  #createLog(): LogGroup {
    return new LogGroup(this, 'Log', {
      retention: this.#settings.logRetentionDays,
      removalPolicy: this.#removalPolicy,
    })
  }

  #createFunction(resources: FunctionResources, bundleFolder: string): LambdaFunction {
    const settings = this.#settings
    const { modelMap, providerKeys, runningTurns, logGroup } = resources
    return new LambdaFunction(this, 'Gateway', {
      description: 'Anthropic Messages API in, any model provider behind it, streamed',
      code: Code.fromAsset(bundleFolder),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: settings.memory,
      timeout: this.#timeout,
      reservedConcurrentExecutions: settings.concurrency,
      role: createFunctionRole(this, resources, settings),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel[settings.logLevel],
      systemLogLevelV2: SystemLogLevel.INFO,
      environment: {
        MODEL_TABLE: modelMap.tableName,
        PROVIDER_SECRET_ARN: providerKeys.secretArn,
        ...(runningTurns === undefined ? {} : { TURN_TABLE: runningTurns.tableName }),
        POWERTOOLS_SERVICE_NAME: 'messages-lambda',
        ...toAccessEnvironment(settings),
      },
    })
  }

  #addOutputs(
    gateway: LambdaFunction,
    url: FunctionUrl,
    { modelMap, providerKeys }: FunctionResources,
  ): void {
    const output = (id: string, value: string, description: string) =>
      new CfnOutput(this, id, { value, description })
    output(
      'FunctionUrl',
      url.url,
      'The endpoint. In access mode iam, callers reach it by: messages-lambda connect',
    )
    output(
      'TableName',
      modelMap.tableName,
      'The model map. Written by: messages-lambda config push, models set',
    )
    output('SecretArn', providerKeys.secretArn, 'The provider keys. Written by: messages-lambda keys set')
    output('AccessMode', this.#settings.access, 'Who checks the caller: iam (AWS) or bearer (the function)')
    output('FunctionName', gateway.functionName, 'For logs and metrics')
    if (this.#settings.access === 'bearer') {
      output('Audience', this.#settings.audience, 'The name that callers make their tokens for')
    }
  }
}
