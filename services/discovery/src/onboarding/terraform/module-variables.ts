/** `orgtrail/variables.tf`: what differs between integrations. */
export const variablesFile = `variable "orgtrail_principal_arn" {
  description = "ARN of the IAM role or user that Orgtrail runs as. Nobody else may assume the roles."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z0-9-]+:iam::[0-9]{12}:(root|(role|user)/.+)$", var.orgtrail_principal_arn))
    error_message = "The ARN of a role, of a user or of the root of an account."
  }
}

variable "external_id" {
  description = "External id of the integration. Not a secret, but the roles cannot be assumed without it."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@:/-]{2,1224}$", var.external_id))
    error_message = "2 to 1,224 characters out of letters, digits and _+=,.@:/-"
  }
}

variable "previous_external_id" {
  description = "The former external id while it is being rotated; otherwise empty."
  type        = string
  default     = ""
}

variable "role_name" {
  description = "Name of the role: the same in every account of the organization."
  type        = string
  default     = "OrgtrailIntegration"
}

variable "role_path" {
  description = "Path of the role: / or for example /security/. The same in every account."
  type        = string
  default     = "/"
}

variable "create_event_path" {
  description = "Whether the rule and the queues are created, which bring changes to Orgtrail within seconds."
  type        = bool
  default     = true
}

variable "queue_arn" {
  description = "ARN of the queue that the role may read, if it is another than the one that is created here."
  type        = string
  default     = ""
}

variable "forwarding_account_ids" {
  description = "Accounts of delegated administrators that may forward their events to the management account."
  type        = list(string)
  default     = []
}

variable "connect_members" {
  description = "Whether a StackSet makes the role in every member account."
  type        = bool
  default     = true
}

variable "organizational_unit_ids" {
  description = "Below which units members get the role; empty: in the whole organization."
  type        = list(string)
  default     = []
}
`;
