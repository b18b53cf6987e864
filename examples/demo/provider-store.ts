import type { Adapter, AdapterConstructor, AdapterPayload } from 'oidc-provider'

/** What an issuer remembers, apart from its keys: sessions and grants outlive a rotation. */
export function createProviderStore(): AdapterConstructor {
  const rows = new Map<string, AdapterPayload>()

  return class implements Adapter {
    readonly #model: string

    constructor(model: string) {
      this.#model = model
    }

    #key(id: string): string {
      return `${this.#model}:${id}`
    }

    async upsert(id: string, payload: AdapterPayload): Promise<void> {
      rows.set(this.#key(id), payload)
    }

    async find(id: string): Promise<AdapterPayload | undefined> {
      return rows.get(this.#key(id))
    }

    async findByUid(uid: string): Promise<AdapterPayload | undefined> {
      return this.#findBy((payload) => payload.uid === uid)
    }

    async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
      return this.#findBy((payload) => payload.userCode === userCode)
    }

    #findBy(fits: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
      const mine = [...rows].filter(([key]) => key.startsWith(`${this.#model}:`))
      return mine.find(([, payload]) => fits(payload))?.[1]
    }

    async consume(id: string): Promise<void> {
      const payload = rows.get(this.#key(id))
      if (payload !== undefined) payload['consumed'] = Math.floor(Date.now() / 1000)
    }

    async destroy(id: string): Promise<void> {
      rows.delete(this.#key(id))
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, payload] of rows) if (payload.grantId === grantId) rows.delete(key)
    }
  }
}
