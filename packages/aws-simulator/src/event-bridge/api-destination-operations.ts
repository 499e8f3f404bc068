import { isObject } from '../iam/policy-document.js';
import type { ServiceCall, ServiceOperation } from '../wire/service.js';
import type { ApiDestination, ApiDestinations, Connection } from './api-destinations.js';
import { invalid, notSimulated } from './event-bridge-errors.js';
import { optionalText, pageOf, refuseOthers, text, type Members } from './request.js';

export const apiDestinationOperations = {
  CreateConnection: on('write', 'connection', ({ input }, destinations) => {
    refuseOthers(input, 'Name', 'Description', 'AuthorizationType', 'AuthParameters');
    const description = optionalText(input, 'Description');
    const made = destinations.createConnection({ name: text(input, 'Name'), description, ...apiKeyOf(input) });
    return { ...timesOf(made), ConnectionArn: made.arn, ConnectionState: 'AUTHORIZED' };
  }),
  UpdateConnection: on('write', 'connection', ({ input }, destinations) => {
    refuseOthers(input, 'Name', 'Description', 'AuthorizationType', 'AuthParameters');
    const there = destinations.connection(text(input, 'Name'));
    const description = optionalText(input, 'Description') ?? there.description;
    destinations.change(there, { description, ...(input['AuthParameters'] === undefined ? {} : apiKeyOf(input)) });
    return { ...timesOf(there), ConnectionArn: there.arn, ConnectionState: 'AUTHORIZED' };
  }),
  DescribeConnection: on('read', 'connection', ({ input }, destinations) => {
    const connection = destinations.connection(text(input, 'Name'));
    return {
      ...connectionShape(connection),
      Description: connection.description,
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: connection.header } },
    };
  }),
  DeleteConnection: on('write', 'connection', ({ input }, destinations) => {
    const deleted = destinations.deleteConnection(text(input, 'Name'));
    return { ...timesOf(deleted), ConnectionArn: deleted.arn, ConnectionState: 'DELETING' };
  }),
  ListConnections: on('read', 'connection', ({ input }, destinations) => {
    const { shown, next } = pageOf(input, destinations.connections.filter(hasPrefix(input)));
    return { Connections: shown.map(connectionShape), ...next };
  }),
  CreateApiDestination: on('write', 'api-destination', ({ input }, destinations) => {
    refuseOthers(
      input,
      'Name',
      'Description',
      'ConnectionArn',
      'InvocationEndpoint',
      'HttpMethod',
      'InvocationRateLimitPerSecond',
    );
    const made = destinations.createDestination({
      name: text(input, 'Name'),
      description: optionalText(input, 'Description'),
      connectionArn: text(input, 'ConnectionArn'),
      endpoint: endpointOf(text(input, 'InvocationEndpoint')),
      method: text(input, 'HttpMethod'),
      invocationsPerSecond: rateOf(input) ?? 300,
    });
    return { ...timesOf(made), ApiDestinationArn: made.arn, ApiDestinationState: 'ACTIVE' };
  }),
  UpdateApiDestination: on('write', 'api-destination', ({ input }, destinations) => {
    const there = destinations.destination(text(input, 'Name'));
    const connectionArn = optionalText(input, 'ConnectionArn') ?? there.connectionArn;
    destinations.connectionOf({ connectionArn });
    const endpoint = optionalText(input, 'InvocationEndpoint');
    destinations.change(there, {
      connectionArn,
      description: optionalText(input, 'Description') ?? there.description,
      endpoint: endpoint === undefined ? there.endpoint : endpointOf(endpoint),
      method: optionalText(input, 'HttpMethod') ?? there.method,
      invocationsPerSecond: rateOf(input) ?? there.invocationsPerSecond,
    });
    return { ...timesOf(there), ApiDestinationArn: there.arn, ApiDestinationState: 'ACTIVE' };
  }),
  DescribeApiDestination: on('read', 'api-destination', ({ input }, destinations) => {
    const destination = destinations.destination(text(input, 'Name'));
    return { ...destinationShape(destination), Description: destination.description };
  }),
  DeleteApiDestination: on('write', 'api-destination', ({ input }, destinations) => {
    destinations.deleteDestination(text(input, 'Name'));
    return {};
  }),
  ListApiDestinations: on('read', 'api-destination', ({ input }, destinations) => {
    const arn = optionalText(input, 'ConnectionArn');
    const { shown, next } = pageOf(
      input,
      destinations.destinations
        .filter(hasPrefix(input))
        .filter(({ connectionArn }) => arn === undefined || arn === connectionArn),
    );
    return { ApiDestinations: shown.map(destinationShape), ...next };
  }),
} satisfies Record<string, ServiceOperation>;

function on(
  kind: ServiceOperation['kind'],
  resource: 'connection' | 'api-destination',
  run: (call: ServiceCall, destinations: ApiDestinations) => object,
): ServiceOperation {
  const busOf = ({ aws, caller, region }: ServiceCall) => aws.buses.at({ accountId: caller.accountId, region });
  return {
    kind,
    resourceOf: (call) => `${busOf(call).arnPrefix}:${resource}/${optionalText(call.input, 'Name') ?? '*'}`,
    run: (call) => run(call, busOf(call).apiDestinations),
  };
}

/** An API key alone: Basic and OAuth are not simulated. */
function apiKeyOf(input: Members): Pick<Connection, 'header' | 'value'> {
  const type = optionalText(input, 'AuthorizationType') ?? 'API_KEY';
  if (type !== 'API_KEY') throw notSimulated(`the authorization type ${type}`);
  const { AuthParameters } = input;
  if (!isObject(AuthParameters)) throw invalid('AuthParameters is not an object.');
  refuseOthers(AuthParameters, 'ApiKeyAuthParameters');
  const { ApiKeyAuthParameters } = AuthParameters;
  if (!isObject(ApiKeyAuthParameters)) throw invalid('ApiKeyAuthParameters is not an object.');
  const header = text(ApiKeyAuthParameters, 'ApiKeyName');
  if (!/^[!#$%&'*+.^_`|~\dA-Za-z-]{1,512}$/.test(header)) throw invalid(`Value '${header}' is no name of a header.`);
  return { header, value: text(ApiKeyAuthParameters, 'ApiKeyValue') };
}

/** EventBridge takes HTTPS only; here a loopback address may do without. */
function endpointOf(endpoint: string): string {
  const url = URL.parse(endpoint);
  const isLocal = url !== null && /^(127\.[\d.]+|localhost|\[::1\])$/.test(url.hostname);
  if (url?.protocol !== 'https:' && !(isLocal && url.protocol === 'http:'))
    throw invalid('InvocationEndpoint must be an HTTPS URL.');
  return endpoint;
}

function rateOf(input: Members): number | undefined {
  const rate = input['InvocationRateLimitPerSecond'] ?? undefined;
  if (rate !== undefined && (!Number.isInteger(rate) || (rate as number) < 1)) {
    throw invalid('InvocationRateLimitPerSecond must be at least 1.');
  }
  return rate as number | undefined;
}

const hasPrefix =
  (input: Members) =>
  ({ name }: { name: string }): boolean =>
    name.startsWith(optionalText(input, 'NamePrefix') ?? '');

const timesOf = ({ createdAt, modifiedAt }: Connection | ApiDestination) => ({
  CreationTime: new Date(createdAt),
  LastModifiedTime: new Date(modifiedAt),
});

const connectionShape = (connection: Connection) => ({
  ...timesOf(connection),
  Name: connection.name,
  ConnectionArn: connection.arn,
  ConnectionState: 'AUTHORIZED',
  AuthorizationType: 'API_KEY',
  LastAuthorizedTime: new Date(connection.modifiedAt),
});

const destinationShape = (destination: ApiDestination) => ({
  ...timesOf(destination),
  Name: destination.name,
  ApiDestinationArn: destination.arn,
  ApiDestinationState: 'ACTIVE',
  ConnectionArn: destination.connectionArn,
  InvocationEndpoint: destination.endpoint,
  HttpMethod: destination.method,
  InvocationRateLimitPerSecond: destination.invocationsPerSecond,
});
