// Owns the V8 inspector of this thread: one session, one answer for each request.
import { Session } from 'node:inspector';

export class Inspector {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
  }

  post<T = void>(method: string, params: object = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#session.post(method, params, (error, result) => {
        if (error === null) resolve(result as T);
        else reject(error);
      });
    });
  }

  close(): void {
    this.#session.disconnect();
  }
}
