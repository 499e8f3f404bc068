{{/*
The Deployment of one service, and its service account. dict:
  root, part (its name), service (its values), adminPort, database (whether it needs the database), env (further environment, as YAML
  text), volumes, mounts and ports (further ones, as lists), takesPosts (whether strangers post to it through a Service)
*/}}
{{- define "orgtrail.deployment" -}}
{{- $root := .root -}}
{{- $service := .service -}}
{{- if $service.serviceAccount.create }}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "orgtrail.serviceAccountName" . }}
  labels:
    {{- include "orgtrail.labels" . | nindent 4 }}
  {{- with $service.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
---
{{- end }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "orgtrail.partName" . }}
  labels:
    {{- include "orgtrail.labels" . | nindent 4 }}
spec:
  replicas: {{ $service.replicas }}
  strategy:
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  selector:
    matchLabels:
      {{- include "orgtrail.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- toYaml (merge (include "orgtrail.labels" . | fromYaml) $service.podLabels) | nindent 8 }}
      {{- with $service.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "orgtrail.serviceAccountName" . }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ add $root.Values.terminationGracePeriodSeconds (ternary 5 0 (default false .takesPosts)) }}
      securityContext:
        {{- include "orgtrail.podSecurityContext" . | nindent 8 }}
      {{- with $root.Values.image.pullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .part }}
          image: {{ include "orgtrail.image" . }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          securityContext:
            {{- include "orgtrail.containerSecurityContext" . | nindent 12 }}
          env:
            {{- include "orgtrail.processEnv" . | nindent 12 }}
            {{- if .database }}
            {{- include "orgtrail.databaseEnv" $root | nindent 12 }}
            {{- end }}
            - name: ADMIN_PORT
              value: {{ .adminPort | quote }}
            {{- with include "orgtrail.kafkaEnv" $root | trim }}
            {{- . | nindent 12 }}
            {{- end }}
            {{- with .env }}
            {{- . | trim | nindent 12 }}
            {{- end }}
            {{- with $service.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          ports:
            - name: admin
              containerPort: {{ .adminPort }}
            {{- with .ports }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          # Long enough for the wait for PostgreSQL and Kafka, which ends by itself with exit code 69.
          startupProbe:
            httpGet: { path: /livez, port: admin }
            periodSeconds: 2
            timeoutSeconds: 2
            failureThreshold: {{ div (add $root.Values.startTimeoutSeconds 31) 2 }}
          livenessProbe:
            httpGet: { path: /livez, port: admin }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
          {{- if .takesPosts }}
          # Posts still come until every proxy knows that it ends. Not `sleep`, which Kubernetes has since 1.30 only.
          lifecycle:
            preStop:
              exec: { command: [node, -e, 'setTimeout(() => {}, 5000)'] }
          {{- end }}
          # A check may take 2 s until it counts as failed.
          readinessProbe:
            httpGet: { path: /readyz, port: admin }
            periodSeconds: 5
            timeoutSeconds: 4
            failureThreshold: 2
          resources:
            {{- toYaml $service.resources | nindent 12 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
            {{- if .database }}
            - { name: database, mountPath: /var/run/secrets/orgtrail/database, readOnly: true }
            {{- end }}
            {{- if $root.Values.kafka.existingSecret }}
            - { name: kafka, mountPath: /var/run/secrets/orgtrail/kafka, readOnly: true }
            {{- end }}
            {{- with .mounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
      volumes:
        - name: tmp
          emptyDir: { sizeLimit: 64Mi }
        {{- if .database }}
        {{- include "orgtrail.databaseVolume" $root | nindent 8 }}
        {{- end }}
        {{- with $root.Values.kafka.existingSecret }}
        - name: kafka
          secret:
            secretName: {{ . }}
            defaultMode: 0440
        {{- end }}
        {{- with .volumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with $service.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $service.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $service.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}
