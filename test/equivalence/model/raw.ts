export type Literal = string | number | boolean

/** A condition as it is written in YAML. */
export interface Raw {
  readonly all?: readonly Raw[]
  readonly any?: readonly Raw[]
  readonly not?: Raw
  readonly trait?: string
  readonly column?: string
  readonly segment?: string
  readonly event?: string
  readonly no_event?: string
  readonly sequence?: readonly Raw[]
  readonly same?: string
  readonly top?: string
  readonly bottom?: string
  readonly percent?: number
  readonly count?: Raw | number
  readonly sum?: Raw
  readonly avg?: Raw
  readonly min?: Raw
  readonly max?: Raw
  readonly count_distinct?: Raw
  readonly where?: Raw
  readonly within?: string
  readonly between?: readonly [Literal, Literal]
  readonly eq?: Literal
  readonly ne?: Literal
  readonly gt?: Literal
  readonly gte?: Literal
  readonly lt?: Literal
  readonly lte?: Literal
  readonly in?: readonly Literal[]
  readonly not_in?: readonly Literal[]
  readonly contains?: string
  readonly starts_with?: string
  readonly ends_with?: string
  readonly matches?: string
  readonly is_null?: boolean
  readonly before?: string
  readonly after?: string
  readonly sql?: string
}
