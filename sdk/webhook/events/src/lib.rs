//! The events of Xurrent's webhooks.
//!
//! One enum, in a crate of its own: the client names it when it creates webhooks, `xurrent-webhook` reads it
//! from deliveries, and neither depends on the other.

xurrent_values::open_enum! {
    /// The events that a webhook can be for, as of 2026. Xurrent adds to them.
    WebhookEvent = "WebhookEvent", see "https://developer.xurrent.com/graphql/enum/webhookevent/" {
        AppInstanceCreate = "app_instance.create",
        AppInstanceDelete = "app_instance.delete",
        AppInstanceSecretsUpdate = "app_instance.secrets-update",
        AppInstanceUpdate = "app_instance.update",
        AutomationRule = "automation_rule",
        BroadcastCreate = "broadcast.create",
        BroadcastUpdate = "broadcast.update",
        CiCreate = "ci.create",
        CiUpdate = "ci.update",
        ContractCreate = "contract.create",
        ContractUpdate = "contract.update",
        FlsaCreate = "flsa.create",
        FlsaUpdate = "flsa.update",
        KnowledgeArticleCreate = "knowledge_article.create",
        KnowledgeArticleUpdate = "knowledge_article.update",
        OrganizationCreate = "organization.create",
        OrganizationUpdate = "organization.update",
        OutOfOfficePeriodCreate = "out_of_office_period.create",
        OutOfOfficePeriodDelete = "out_of_office_period.delete",
        OutOfOfficePeriodUpdate = "out_of_office_period.update",
        PersonCreate = "person.create",
        PersonUpdate = "person.update",
        ProblemCreate = "problem.create",
        ProblemManagerChanged = "problem.manager-changed",
        ProblemMemberChanged = "problem.member-changed",
        ProblemNoteAdded = "problem.note-added",
        ProblemStatusChanged = "problem.status-changed",
        ProblemTeamChanged = "problem.team-changed",
        ProblemUpdate = "problem.update",
        ProductCreate = "product.create",
        ProductUpdate = "product.update",
        ProjectCreate = "project.create",
        ProjectManagerChanged = "project.manager-changed",
        ProjectNoteAdded = "project.note-added",
        ProjectStatusChanged = "project.status-changed",
        ProjectUpdate = "project.update",
        ProjectTaskCreate = "project_task.create",
        ProjectTaskDelete = "project_task.delete",
        ProjectTaskNoteAdded = "project_task.note-added",
        ProjectTaskStatusChanged = "project_task.status-changed",
        ProjectTaskUpdate = "project_task.update",
        ReleaseCreate = "release.create",
        ReleaseManagerChanged = "release.manager-changed",
        ReleaseNoteAdded = "release.note-added",
        ReleaseUpdate = "release.update",
        RequestAgileBoardColumnChanged = "request.agile-board-column-changed",
        RequestCreate = "request.create",
        RequestMajorIncidentStatusChanged = "request.major-incident-status-changed",
        RequestMemberChanged = "request.member-changed",
        RequestNoteAdded = "request.note-added",
        RequestStatusChanged = "request.status-changed",
        RequestTeamChanged = "request.team-changed",
        RequestUpdate = "request.update",
        RiskCreate = "risk.create",
        RiskManagerChanged = "risk.manager-changed",
        RiskNoteAdded = "risk.note-added",
        RiskStatusChanged = "risk.status-changed",
        RiskUpdate = "risk.update",
        ServiceCreate = "service.create",
        ServiceUpdate = "service.update",
        ServiceInstanceCreate = "service_instance.create",
        ServiceInstanceUpdate = "service_instance.update",
        ServiceOfferingCreate = "service_offering.create",
        ServiceOfferingUpdate = "service_offering.update",
        SlaCreate = "sla.create",
        SlaUpdate = "sla.update",
        TaskCreate = "task.create",
        TaskMemberChanged = "task.member-changed",
        TaskNoteAdded = "task.note-added",
        TaskStatusChanged = "task.status-changed",
        TaskTeamChanged = "task.team-changed",
        TaskUpdate = "task.update",
        TeamCreate = "team.create",
        TeamUpdate = "team.update",
        TimeEntryCreate = "time_entry.create",
        TimeEntryDelete = "time_entry.delete",
        TimeEntryUpdate = "time_entry.update",
        WebhookVerify = "webhook.verify",
        WorkflowCreate = "workflow.create",
        WorkflowManagerChanged = "workflow.manager-changed",
        WorkflowNoteAdded = "workflow.note-added",
        WorkflowStatusChanged = "workflow.status-changed",
        WorkflowUpdate = "workflow.update",
    }
}

impl WebhookEvent {
    /// The name as it is sent: `request.note-added`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        xurrent_values::OpenEnum::as_str(self)
    }

    /// The kind of record that the event is about: `request`.
    #[must_use]
    pub fn object(&self) -> &str {
        self.as_str().split('.').next().unwrap_or_default()
    }

    /// The action: `note-added`. `None` for `automation_rule`.
    #[must_use]
    pub fn action(&self) -> Option<&str> {
        self.as_str().split_once('.').map(|(_, action)| action)
    }
}
