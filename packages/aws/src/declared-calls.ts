import type { DeclaredAction } from './declared-actions.js';

/** IAM's name of the action where it is not the operation's. */
const actionsOfOperations: Readonly<Record<string, string>> = {
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};
/** AWS allows it to everyone, whatever policies say. */
const needsNoPermission = 'sts:GetCallerIdentity';

type Handler = (input: object) => Promise<object>;
/** What we use of the SDK's stack, whose own type is another one for each client. */
interface SdkClient {
  middlewareStack: {
    add(
      middleware: (next: Handler, context: { commandName?: string }) => Handler,
      options: { step: 'initialize'; name: string; override: boolean },
    ): void;
  };
}

/**
 * The client, refusing before anything is sent what no file declared: such a call would work with an administrator's credentials, and
 * fail at every customer whose policy was made from the declared actions.
 */
export function onlyDeclared<Client extends { middlewareStack: object }>(
  client: Client,
  service: string,
  declared: readonly Pick<DeclaredAction, 'action'>[],
): Client {
  const allowed = new Set([...declared.map(({ action }) => action), needsNoPermission]);
  (client as unknown as SdkClient).middlewareStack.add(
    (next, { commandName = '' }) =>
      async (input) => {
        const operation = commandName.replace(/Command$/, '');
        const action = `${service}:${actionsOfOperations[operation] ?? operation}`;
        if (!allowed.has(action)) throw new RangeError(`${action} is called, but declared by no reader or writer of this role.`);
        return next(input);
      },
    { step: 'initialize', name: 'orgtrailDeclaredActions', override: true },
  );
  return client;
}
