"""What people do. Each package has models, facts, operations and queries; none may read measures."""
