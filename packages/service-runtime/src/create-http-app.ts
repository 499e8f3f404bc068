import express, { type Express } from 'express';

/** An express application that says nothing about itself, and whose answers nobody keeps or guesses the type of. */
export function createHttpApp(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    response.set({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    next();
  });
  return app;
}
