{{/* A name of at most .max characters. What does not fit is cut and marked by a hash of the whole, so that two long names stay two. */}}
{{- define "orgtrail.shorten" -}}
{{- if gt (len .name) (int .max) -}}
{{- printf "%s-%s" (trunc (int (sub .max 9)) .name | trimSuffix "-") (sha256sum .name | trunc 8) -}}
{{- else -}}
{{- .name -}}
{{- end -}}
{{- end -}}

{{- define "orgtrail.name" -}}
{{- include "orgtrail.shorten" (dict "name" (.Values.nameOverride | default .Chart.Name) "max" 63) -}}
{{- end -}}

{{- define "orgtrail.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains (include "orgtrail.name" .) .Release.Name -}}
{{- .Release.Name -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "orgtrail.name" .) -}}
{{- end -}}
{{- end -}}

{{/* The name of one part: dict root, part. The part's name is never cut. At most 63: names of Services and of a Job's label end there, and
have no dots, which a release may have. */}}
{{- define "orgtrail.partName" -}}
{{- $room := sub 62 (len .part) -}}
{{- printf "%s-%s" (include "orgtrail.shorten" (dict "name" (include "orgtrail.fullname" .root | replace "." "-") "max" $room)) .part -}}
{{- end -}}

{{/* What selects the pods of one part, and never changes: dict root, part. */}}
{{- define "orgtrail.selectorLabels" -}}
app.kubernetes.io/name: {{ include "orgtrail.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "orgtrail.labels" -}}
{{ include "orgtrail.selectorLabels" . }}
app.kubernetes.io/part-of: orgtrail
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ include "orgtrail.shorten" (dict "name" (printf "%s-%s" .root.Chart.Name (.root.Chart.Version | replace "+" "_")) "max" 63) }}
{{- end -}}

{{- define "orgtrail.image" -}}
{{- $repository := printf "%s/%s" (.root.Values.image.repository | trimSuffix "/") .part -}}
{{- with .service.image.digest -}}
{{- printf "%s@%s" $repository . | quote -}}
{{- else -}}
{{- printf "%s:%s" $repository (.root.Values.image.tag | default .root.Chart.AppVersion) | quote -}}
{{- end -}}
{{- end -}}

{{- define "orgtrail.serviceAccountName" -}}
{{- if .service.serviceAccount.create -}}
{{- .service.serviceAccount.name | default (include "orgtrail.partName" .) -}}
{{- else -}}
{{- .service.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}
